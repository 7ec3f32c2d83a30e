"""The recipes of CONTRIBUTING.md lead where they say, and touch no more files than a change of their kind should."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.tests.contributing import CHECKOUT, DOCUMENT, Recipe, Step, copied, recipes, tried

FOUND = recipes(DOCUMENT.read_text(encoding="utf-8")) if DOCUMENT.exists() else []


@pytest.mark.recipes
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not FOUND, reason="CONTRIBUTING.md is in a checkout only")
@pytest.mark.parametrize("recipe", FOUND, ids=lambda recipe: recipe.title.replace(" ", "-"))
def test_a_recipe_leads_where_it_says(recipe: Recipe, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    copied(CHECKOUT, folder)
    assert tried(recipe, folder) == recipe.files


@pytest.mark.skipif(not FOUND, reason="CONTRIBUTING.md is in a checkout only")
def test_what_is_found_is_not_listed() -> None:
    """A chapter and a target edit no Python file; a channel edits one at each end."""
    _, chapter, channel, target = FOUND

    def edited(recipe: Recipe) -> set[str]:
        return {path for path, kind in recipe.files.items() if kind == "edited" and path.endswith(".py")}

    assert edited(chapter) == edited(target) == set()
    assert edited(channel) == {"reference_server/channels/__init__.py", "reference_client/channels/__init__.py"}


# -- the script itself

TEXT = """\
# Head

## Nothing to try

```sh
false
```

## Add a thing

| `a.md` | new | a thing |
| `b.txt` | edited | its name |

````md new a.md
## Not a heading

```sh
false
```
````

```text after '"one"' in b.txt
"two"
```

```sh
cat b.txt
```

```text
"o...
"two"
```
"""


def test_a_document() -> None:
    (found,) = recipes(TEXT)
    assert (found.title, found.files) == ("Add a thing", {"a.md": "new", "b.txt": "edited"})
    assert [step.kind for step in found.steps] == ["new", "after", "commands", "seen"]
    assert found.steps[0] == Step(kind="new", path="a.md", text="## Not a heading\n\n```sh\nfalse\n```\n")
    assert found.steps[1] == Step(kind="after", path="b.txt", line='"one"', text='"two"\n')


@pytest.mark.parametrize("form", ["python", "sh new", "python behind 'x' in y", "python after x in y"])
def test_a_block_without_sense(form: str) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        recipes(TEXT + f"\n```{form}\nx\n```\n")


def test_what_became_of_files(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text('"one"\n"three"\n')
    (found,) = recipes(TEXT + "\n```sh\necho >c.txt\n```\n")
    assert tried(found, tmp_path) == {"a.md": "new", "b.txt": "edited", "c.txt": "generated"}
    assert (tmp_path / "b.txt").read_text() == '"one"\n"two"\n"three"\n'
    with pytest.raises(AssertionError, match=r"a\.md is there already"):
        tried(found, tmp_path)


@pytest.mark.parametrize(
    ("before", "more", "words"),
    [
        ("", "", "0 lines of b.txt begin with"),
        ('"one"\n"one"\n', "", "2 lines of b.txt begin with"),
        ('"one"\n', "\n```sh\nfalse\necho\n```\n", "exit status 1"),
        ('"one"\n', '\n```text\n"two"\n"one"\n```\n', "no such line here"),
    ],
)
def test_a_recipe_that_leads_nowhere(tmp_path: Path, before: str, more: str, words: str) -> None:
    (tmp_path / "b.txt").write_text(before)
    (found,) = recipes(TEXT + more)
    with pytest.raises(AssertionError, match=words):
        tried(found, tmp_path)
