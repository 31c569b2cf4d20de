"""Checks ecs/, infra/ and the scripts for AWS without an account. Usage: python -m deployment path/to/tintype [--dry-run],
in the project's folder; scripts/verify-deploy.sh brings what it needs."""

import logging
import sys
import time

from . import cloud, files, rehearsal


def main():
    if "--dry-run" in sys.argv[2:]:
        print(*files.CHECKS, *rehearsal.CHECKS, sep="\n")
        return
    project = files.Project(sys.argv[1])
    # One line a request.
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    cloud.start()
    try:
        failed = passed = 0
        cloud_rehearsal = rehearsal.Rehearsal()
        checks = [(name, check, project) for name, check in files.CHECKS.items()]
        checks += [(name, check, cloud_rehearsal) for name, check in rehearsal.CHECKS.items()]
        for name, check, subject in checks:
            started = time.monotonic()
            found = []
            try:
                found.extend(check(subject))
            except Exception as error:  # a later check still tells something
                found.append(f"{type(error).__name__}: {error}")
            print(f"{'FAILED' if found else 'ok'}: {name} ({time.monotonic() - started:.1f} s)", flush=True)
            for problem in found:
                print(f"    {problem}", flush=True)
            failed, passed = failed + bool(found), passed + (not found)
    finally:
        cloud.stop()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
