"""What src/CMakeLists.txt declares: the one place that says which folder may include which."""

import pathlib
import re

KEYWORDS = {"DEPS", "PACKAGES", "TEST_DEPS", "TEST_PACKAGES"}


def declared(source_dir):
    """Returns {module: [direct dependencies]} in the order of declaration."""
    text = (pathlib.Path(source_dir) / "CMakeLists.txt").read_text()
    text = re.sub(r"#.*", "", text)
    modules = {}
    for words in (call.split() for call in re.findall(r"salus_module\(([^)]*)\)", text)):
        name, section, modules[words[0]] = words[0], None, []
        for word in words[1:]:
            if word in KEYWORDS or word.isupper():
                section = word
            elif section == "DEPS":
                modules[name].append(word)
    return modules


def reachable(modules, name):
    """All that `name` may include: its dependencies and theirs, for CMake hands include roots on."""
    found, left = set(), list(modules[name])
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += modules[module]
    return found
