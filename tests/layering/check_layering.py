#!/usr/bin/env python3
"""Refuses what the compiler cannot: check_layering.py ROOT names each offence as file:line and exits 1 if there is one.

Stricter than the compiler in one thing: CMake hands include roots on, so a module could include what its dependency stands on.
Here only what it declares itself counts.

Tests and src/testing are exempt: they may sleep, draw and start threads. Comments and string literals are not code.
"""

import pathlib
import re
import sys

import modules as declarations

# design, section 1. A folder may declare fewer, never more.
CORE = {"base", "crypto", "model"}
LAYERS = {
    "base": set(), "crypto": {"base"}, "model": {"base", "crypto"}, "store": CORE, "transport": {"base", "crypto"},
    "execution": CORE, "consensus": CORE | {"transport"}, "network": CORE | {"transport"},
    "application": CORE | {"store", "transport", "execution", "consensus", "network"},
    "node": CORE | {"store", "transport", "execution", "consensus", "network", "application"},
    # execution: offline verification plays an exported chain again.
    "cli": CORE | {"node", "transport", "execution"},
}
FOR_TESTS = {"testing", "testkit"}
# The composition root makes the real ones; everybody else is handed an interface of base/platform.
IMPURE = {
    "a clock": r"::now\s*\(|\bgettimeofday\b|\bclock_gettime\b|::time\s*\(|\btime\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)|\bclock\s*\(\s*\)",
    "randomness": r"\brandom_device\b|\bgetrandom\b|\bgetentropy\b|\brandombytes_|\bRAND_(?:priv_)?bytes\b|\barc4random|\bs?rand\s*\(",
    "a thread": r"\bstd::(?:j?thread|async)\b|\bpthread_create\b|\bthread_pool\b",
    "a sleep": r"\bsleep_(?:for|until)\b|\b(?:u|nano)?sleep\s*\(",
}
HEAVY = re.compile(r"boost/beast|boost/json(?!/fwd\.hpp)|rocksdb/|soci/|soci\.h|spdlog/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT_OR_LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


# Headers that may bring Boost.JSON along: cli stands on top, nobody includes it; the other exists for nothing else.
JSON_HEADERS = {pathlib.PurePath("application/web/json.hpp")}


def may_bring(path, name):
    return name.startswith("boost/json") and (path.parts[0] == "cli" or pathlib.PurePath(path) in JSON_HEADERS)


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz", "_bench")) or path.stem.startswith("test_") or "testing" in path.parts or path.parts[0] == "testkit"


def code_only(text):
    """Blanks comments and literals, keeping every line where it is."""
    return COMMENT_OR_LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_includes(path, module, text, modules):
    for match in INCLUDE.finditer(text):
        quote, name = match.groups()
        first = name.split("/")[0]
        if any(part in (".", "..") for part in name.split("/")):
            yield match.start(), f"relative include of {name}; write it from src/"
        elif first in modules:
            if first != module and first not in modules[module]:
                yield match.start(), f"{module} includes {name}, which src/CMakeLists.txt does not declare"
            own = path.parts[:3]
            if own[:2] == ("execution", "contracts") and len(path.parts) > 3:
                other = tuple(name.split("/"))
                if other[:2] == ("execution", "contracts") and len(other) > 3 and other[2] != own[2]:
                    yield match.start(), f"contract {own[2]} includes contract {other[2]}; ask through the call context"
        elif quote == '"':
            yield match.start(), f'"{name}" names no module; own headers are "folder/file.hpp", others <...>'
        if path.suffix == ".hpp" and HEAVY.match(name) and not may_bring(path, name):
            yield match.start(), f"a header includes {name}; keep it in the .cpp"


def check_source(path, text, modules):
    """Yields (offset, offence) for one file; `path` is relative to src."""
    module = path.parts[0]
    if module not in modules:
        yield 0, f"src/{module} is no module of src/CMakeLists.txt"
        return
    yield from check_includes(path, module, text, modules)
    if module != "node":
        code = code_only(text)
        for what, pattern in IMPURE.items():
            for match in re.finditer(pattern, code):
                yield match.start(), f"{what} outside src/node: {match.group().strip()}"


def check(root):
    """Returns every offence of the tree under `root`, each as "file:line: what"."""
    source_dir = pathlib.Path(root) / "src"
    modules = declarations.declared(source_dir)
    offences = []
    for name in modules:
        if name in FOR_TESTS:
            continue  # stands on what it helps to test; no layer may stand on it
        above = set(modules[name]) - LAYERS.get(name, set())
        if name not in LAYERS:
            offences.append(f"src/CMakeLists.txt: the design knows no layer {name}")
        elif above:
            offences.append(f"src/CMakeLists.txt: {name} stands on {', '.join(sorted(above))}, which lies above or beside it")
    for path in sorted(source_dir.rglob("*.[ch]pp")):
        relative = path.relative_to(source_dir)
        if is_test(relative):
            continue
        text = path.read_text(encoding="utf-8")
        for offset, offence in check_source(relative, text, modules):
            offences.append(f"src/{relative}:{text.count(chr(10), 0, offset) + 1}: {offence}")
    return offences


if __name__ == "__main__":
    found = check(sys.argv[1])
    print(*found, sep="\n")
    sys.exit(1 if found else 0)
