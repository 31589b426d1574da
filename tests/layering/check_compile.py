#!/usr/bin/env python3
"""Proves that what src/CMakeLists.txt does not declare does not compile: check_compile.py BUILD_DIR.

For every module a and every other module b that it may not include, a source of one line, an include of a header of b, is compiled
with the very command that compiles a's own sources: it must fail for want of that file. The control, for every a, is one source that
includes a header of each module that a may include: it must compile.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import modules as declarations

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE_DIR = ROOT / "src"


def commands_by_module(build_dir):
    """The compile command of one unit of each module's library, without the source and the outputs."""
    found = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
        output = words.index("-o")
        if library := re.search(r"/salus_(\w+)\.dir/", words[output + 1]):
            found.setdefault(library[1], words[:output])
    return found


def smallest_header(module):
    headers = [path for path in (SOURCE_DIR / module).rglob("*.hpp") if "testing" not in path.parts]
    return min(headers, key=lambda path: (path.stat().st_size, path)) if headers else None


def compile_includes(command, headers, folder):
    with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=folder) as probe:
        probe.write("".join(f'#include "{header}"\n' for header in headers))
        probe.flush()
        return subprocess.run([*command, "-fsyntax-only", probe.name], capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})


def is_missing(header, diagnostics):
    return f"{header}: No such file" in diagnostics or f"'{header}' file not found" in diagnostics


def main():
    build_dir = pathlib.Path(sys.argv[1])
    modules = declarations.declared(SOURCE_DIR)
    commands = commands_by_module(build_dir)
    headers = {name: smallest_header(name) for name in modules}
    headers = {name: str(path.relative_to(SOURCE_DIR)) for name, path in headers.items() if path}
    probes = []  # (module, headers, whether they may be included)
    for name in (name for name in modules if name in commands):
        may = declarations.reachable(modules, name)
        probes += [(name, [header], False) for other, header in headers.items() if other != name and other not in may]
        if may:
            probes.append((name, [headers[other] for other in sorted(may) if other in headers], True))

    faults = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ended = pool.map(lambda probe: compile_includes(commands[probe[0]], probe[1], folder), probes)
        for (name, included, permitted), result in zip(probes, ended):
            if permitted and result.returncode != 0:
                faults.append(f"{name} may include {included}, and it does not compile:\n{result.stderr}")
            elif not permitted and (result.returncode == 0 or not is_missing(included[0], result.stderr)):
                faults.append(f"{name} may not include {included[0]}, and it is not refused as missing:\n{result.stderr}")
    controls = sum(permitted for _, _, permitted in probes)
    print(*faults, f"{len(probes) - controls} includes refused, {controls} controls compiled", sep="\n")
    # Without both kinds the test would have shown nothing.
    return 1 if faults or not controls or controls == len(probes) else 0


if __name__ == "__main__":
    sys.exit(main())
