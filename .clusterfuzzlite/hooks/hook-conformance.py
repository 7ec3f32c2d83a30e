"""PyInstaller: modules that are found by their place, kernels that are read as source, and files beside them."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

module_collection_mode = "py"
hiddenimports = collect_submodules("conformance", filter=lambda name: ".tests" not in name)
datas = collect_data_files("conformance")
