"""The site: chapters, pages of docs/, and what the suite knows of each sentence, made by ``tox -e docs``.

Sources stand where a code host shows them: Sphinx begins at the folder of the checkout, and links are the same in both.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site"), str(ROOT / "examples")]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from reference_client import card, options, port_user, sharing  # noqa: E402
from reference_client.usb import redirected  # noqa: E402
from spiceproto.version import __version__  # noqa: E402

# msgspec looks up the types of fields, and these are imported for type checkers only.
vars(options).update(
    np=np, NDArray=NDArray, Card=card.Card, PortUser=port_user.PortUser, Visit=sharing.Visit, Attached=redirected.Attached
)
del card, options, port_user, redirected, sharing

project = "spiceproto"
author = "the authors of spiceproto"
release = __version__
language = "en"

root_doc = "site/index"
include_patterns = ["site/**.md", "spec/**.md", "docs/**.md", "recipes/*.md", "*.md"]
exclude_patterns = ["**/.*", "build"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_argparse_cli",
    "spec_site",
]
source_suffix = {".md": "markdown"}

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

suppress_warnings = ["ref.python"]  # several classes have a field with the name of a type: the first that is found is not wrong
autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_title = "spiceproto"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
