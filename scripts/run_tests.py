#!/usr/bin/env python3
"""Builds and runs every test of Salus, stage by stage; ./test calls it after installing what it needs.

The last line is the sum: "N passed, N failed, N skipped". A GoogleTest case, a fuzz target and a check of a script count one
each; the exit code is 0 only if something passed and nothing failed.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# clang 16's sanitizers refuse the address layouts that newer kernels randomise; a container may forbid to switch that off.
FIXED_LAYOUT = ["setarch", os.uname().machine, "-R"]
if subprocess.run([*FIXED_LAYOUT, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
    FIXED_LAYOUT = []
SANITIZER_ENVIRONMENT = {
    # Debian's C++ libraries are not instrumented: containers that cross the border look overflown, and are not.
    "ASAN_OPTIONS": "detect_container_overflow=0:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    **{f"{name}_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-16" for name in ("ASAN", "UBSAN", "TSAN", "LLVM")},
    "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan_suppressions.txt",
}


class StageFailed(Exception):
    """The stage could not run its tests: the build broke, a tool is missing."""


class Tally:
    """What was counted in one stage."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, name, outcome, reason=""):
        if outcome == "passed":
            self.passed += 1
        else:
            getattr(self, outcome).append(f"{name}: {reason}" if reason else name)

    def __str__(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def make(preset, *targets):
    """Builds targets of one preset, at the lowest priority: tests of another run beside it."""
    log = BUILD / preset / "build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as output:
        ended = subprocess.run(["nice", "-n", "19", ROOT / "scripts/build.sh", preset, *targets], stdout=output,
                               stderr=subprocess.STDOUT, check=False)
    if ended.returncode != 0:
        print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-100:]), flush=True)
        raise StageFailed(f"build/{preset} does not build: {log}")


def make_whole(preset):
    make(preset, "build.ninja")
    make(preset, *TARGETS[preset]())


class Builds:
    """Presets that are built one behind the other, in the background, each before the stages that need it."""

    def __init__(self, presets):
        self._pool = concurrent.futures.ThreadPoolExecutor(1)
        self._built = {preset: self._pool.submit(make_whole, preset) for preset in dict.fromkeys(presets)}

    def wait_for(self, preset):
        """Says now and then how far it is. Errors: StageFailed"""
        while True:
            try:
                return self._built[preset].result(timeout=20)
            except concurrent.futures.TimeoutError:
                log = BUILD / preset / "build.log"
                lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
                print(f"building build/{preset}: {lines[-1] if lines else 'begins'}", flush=True)

    def stop(self):
        """What no stage waits for any more is not begun."""
        self._pool.shutdown(cancel_futures=True)


def count_googletest(report, program, tally):
    """Counts each case of one program's JSON report; returns whether a case failed."""
    failed_before = len(tally.failed)
    for suite in json.loads(report.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{program}: {suite['name']}.{case['name']}"
            if case.get("failures"):
                tally.add(name, "failed")
            elif case.get("result") == "SKIPPED":
                tally.add(name, "skipped")
            elif case.get("status") == "RUN":
                tally.add(name, "passed")
    return len(tally.failed) > failed_before


def run_ctest(preset, tally, *arguments):
    reports = BUILD / preset / "test-results"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    environment = {**os.environ, **SANITIZER_ENVIRONMENT, "GTEST_BRIEF": "1"}
    command = ["ctest", "--test-dir", str(BUILD / preset), "--output-on-failure", "-j", str(os.cpu_count()),
               "--output-junit", str(reports / "ctest.xml"), "--no-tests=error", *arguments]
    ended = subprocess.run([*FIXED_LAYOUT, *command], env=environment, check=False)
    if not (reports / "ctest.xml").exists():
        raise StageFailed(f"ctest on build/{preset} ended with {ended.returncode} and no report")
    for case in ElementTree.parse(reports / "ctest.xml").getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        report = reports / f"{name}_test.json"
        if report.exists():
            if not count_googletest(report, name, tally) and status == "fail":
                tally.add(name, "failed", "the program itself failed, after or beside its cases")
        else:
            tally.add(name, {"run": "passed", "fail": "failed"}.get(status, "skipped"))


def stage_suite(tally):
    """Every test under AddressSanitizer and UndefinedBehaviorSanitizer (clang), with the checks of the tree."""
    run_ctest("asan", tally)


def stage_release(tally):
    """The parts that every node must compute alike, as users get them (gcc, optimised); the longest of the properties."""
    run_ctest("release", tally, "-L", "deterministic")


def run_fuzzer(program, seconds):
    """Runs one fuzz target on its committed corpus and for `seconds` more; returns (name, exit code, last lines)."""
    work = BUILD / "asan" / "fuzz" / program.name
    (work / "corpus").mkdir(parents=True, exist_ok=True)
    corpora = [str(work / "corpus")]
    if (ROOT / "tests/corpus" / program.name).is_dir():
        corpora.append(str(ROOT / "tests/corpus" / program.name))
    ended = subprocess.run(
        [*FIXED_LAYOUT, program, *corpora, f"-max_total_time={seconds}", f"-artifact_prefix={work}/", "-rss_limit_mb=3000",
         "-print_final_stats=1"],
        env={**os.environ, **SANITIZER_ENVIRONMENT}, capture_output=True, text=True, errors="replace", check=False)
    return program.name, ended.returncode, ended.stderr.splitlines()


def stage_fuzz(tally):
    """Each fuzz target for SALUS_FUZZ_SECONDS (default 20), as many at a time as there are cores."""
    seconds = os.environ.get("SALUS_FUZZ_SECONDS", "20")
    programs = sorted(p for p in (BUILD / "asan/src").rglob("*_fuzz") if p.is_file())
    if not programs:
        raise StageFailed("build/asan has no fuzz target")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, code, lines in pool.map(lambda program: run_fuzzer(program, seconds), programs):
            if code == 0:
                executed = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
                print(f"fuzz: {name}: {executed} inputs, none of them a fault", flush=True)
                tally.add(name, "passed")
            else:
                print("\n".join(lines[-60:]), flush=True)
                tally.add(name, "failed", f"the input is in build/asan/fuzz/{name}")


def labelled(preset, label):
    """The test programs of the modules that have `label`."""
    listed = subprocess.run(["ctest", "--test-dir", str(BUILD / preset), "-L", label, "--show-only=json-v1"],
                            capture_output=True, text=True, check=True)
    # By name, for ctest leaves out the command of a program that is not built yet; the parts of module M are M.1, M.2, ...
    programs = {f"{test['name'].partition('.')[0]}_test" for test in json.loads(listed.stdout)["tests"]}
    if not programs:
        raise StageFailed(f"no test has the label `{label}`")
    return sorted(programs)


def stage_tsan(tally):
    """The tests labelled `concurrent`, under ThreadSanitizer."""
    run_ctest("tsan", tally, "-L", "concurrent")


def run_script(script):
    """What one script prints, and its exit code."""
    try:
        ended = subprocess.run([script], stdout=subprocess.PIPE, text=True, errors="replace", check=False)
    except OSError as failure:  # one that cannot be run hides no other
        return script, f"not ok {script.name}: {failure}\n", 1
    return script, ended.stdout, ended.returncode


def count_script(script, output, code, tally):
    """Counts the lines "ok NAME", "not ok NAME: why" and "skip NAME: why"."""
    began = len(tally.failed)
    for line in output.splitlines():
        for start, outcome in (("ok ", "passed"), ("not ok ", "failed"), ("skip ", "skipped")):
            if line.startswith(start):
                tally.add(line.removeprefix(start).strip(), outcome)
    # 77 says "cannot run here", as it does to ctest.
    if code not in (0, 77) and len(tally.failed) == began:
        tally.add(script.name, "failed", f"exit code {code}")


def stage_live(tally):
    """The release build, held to its OpenAPI document, to FHIR clients and a validator of others, and to a second verifier."""
    scripts = sorted([*(ROOT / "tests/live").glob("check_*"), *(ROOT / "tests/verifier").glob("check_*")])
    # As many at a time as there are cores: each has a node of its own, and waits for it half of its time.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for script, output, code in pool.map(run_script, scripts):
            print(output, end="", flush=True)
            count_script(script, output, code, tally)


def stage_tidy(tally):
    """clang-tidy on the sources that differ from main."""
    make("release", "build.ninja")
    changed = subprocess.run(["git", "diff", "--name-only", "--diff-filter=d", "main", "--", "src"], cwd=ROOT,
                             capture_output=True, text=True, check=True).stdout.split()
    sources = [name for name in changed if name.endswith(".cpp")]
    for source in sources:
        ended = subprocess.run(["clang-tidy-16", "-quiet", "-p", BUILD / "release", "--extra-arg=-Wno-unknown-warning-option",
                                source], cwd=ROOT, check=False)
        tally.add(f"tidy/{source}", "passed" if ended.returncode == 0 else "failed")
    if not sources:
        tally.add("tidy", "skipped", "no source differs from main")


STAGES = {"suite": stage_suite, "fuzz": stage_fuzz, "release": stage_release, "live": stage_live, "tsan": stage_tsan,
          "tidy": stage_tidy}
ON_REQUEST = {"tidy"}
PRESETS = {"suite": "asan", "fuzz": "asan", "release": "release", "live": "release", "tsan": "tsan"}
TARGETS = {"asan": lambda: [], "release": lambda: ["salus", *labelled("release", "deterministic")],
           "tsan": lambda: labelled("tsan", "concurrent")}


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Installs, builds and runs every test.")
    parser.add_argument("--only", action="append", choices=STAGES, metavar="STAGE", help="run this stage (may be repeated)")
    parser.add_argument("--list", action="store_true", help="name the stages")
    arguments = parser.parse_args()
    if arguments.list:
        for name, stage in STAGES.items():
            print(f"{name:6} {stage.__doc__.splitlines()[0]}{' Only on request.' if name in ON_REQUEST else ''}")
        return 0

    total, began = Tally(), time.monotonic()
    timings = []
    stages = arguments.only or [stage for stage in STAGES if stage not in ON_REQUEST]
    builds = Builds(PRESETS[stage] for stage in stages if stage in PRESETS)
    for name in stages:
        print(f"\n== {name}: {STAGES[name].__doc__.splitlines()[0]}", flush=True)
        tally, stage_began = Tally(), time.monotonic()
        try:
            if name in PRESETS:
                builds.wait_for(PRESETS[name])
            STAGES[name](tally)
        except Exception as failure:  # a stage that breaks hides no other
            tally.add(name, "failed", f"{type(failure).__name__}: {failure}")
        timings.append(f"{name:6} {time.monotonic() - stage_began:7.1f} s   {tally}")
        print(f"== {timings[-1]}", flush=True)
        total.passed += tally.passed
        total.failed += [f"{name}/{test}" for test in tally.failed]
        total.skipped += [f"{name}/{test}" for test in tally.skipped]

    builds.stop()
    print("\nSkipped:" if total.skipped else "", *total.skipped, sep="\n  ")
    print("\nFailed:" if total.failed else "", *total.failed, sep="\n  ")
    print("\nStages:", *timings, f"all    {time.monotonic() - began:7.1f} s", sep="\n  ")
    print(f"\n{total}", flush=True)
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
