"""Installs both environments on a machine that has Python, pip, make and git, and nothing else.

Runs on whatever python3 there is (3.8 or newer), with the standard library only:

    python3 bot/install.py          what the product needs to run
    python3 bot/install.py --dev    and what its tests need
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"


class CannotInstall(Exception):
    """Something is missing; the message says what to install or set."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    parser.add_argument("--encoder", default=os.environ.get("DESK_ENCODER", "1"), help="1: with the sentence encoder")
    options = parser.parse_args()
    try:
        install(options.dev, options.encoder.strip().lower() not in ("0", "false", "no"))
    except CannotInstall as error:
        print("Cannot install. %s" % error, file=sys.stderr)
        return 1
    return 0


def install(dev, encoder):
    """Both environments, each from its lock; nothing is done where the lock has not changed."""
    if shutil.disk_usage(str(ROOT)).free < 4 * 2**30 and not (ROOT / ".venv").exists():
        raise CannotInstall("The environments take 3 GB; make room on this disk first.")
    uv = None
    product = ["requirements-dev.lock" if dev else "requirements.lock"]
    if needs(ROOT / ".venv", product) and not (not dev and is_current(ROOT / ".venv", ["requirements-dev.lock"])):
        uv = uv or find_uv()
        python = find_python(uv, (3, 11), "DESK_PYTHON", ("python3.11", "python3.12", "python3.13"))
        make_environment(uv, ROOT / ".venv", python, product)
    engine = ["engine/requirements.lock"]
    if encoder:
        engine.append("engine/encoder.lock")
    if dev:
        engine.append("engine/dev.lock")
    if needs(ROOT / "engine" / ".venv", engine):
        uv = uv or find_uv()
        python = find_python(uv, (3, 10), "DESK_ENGINE_BASE_PYTHON", ("python3.10",), exact=True)
        make_environment(uv, ROOT / "engine" / ".venv", python, engine)
    if dev:
        install_browser()


def make_environment(uv, folder, python, locks):
    print("Installing %s (%s) ..." % (folder.relative_to(ROOT), ", ".join(locks)), flush=True)
    if not (folder / "bin" / "python").exists():
        run([uv, "venv", "--quiet", "--python", python, str(folder)], "could not be made")
    # A lock is complete, and leaves out on purpose what Rasa asks for and nothing of ours loads: so no dependencies.
    command = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--no-deps", "--require-hashes"]
    for lock in locks:
        command += ["--requirement", str(ROOT / lock)]
    run(command, "could not be filled: see that a package registry can be reached")
    (folder / "installed").write_text("\n".join(digest(lock) for lock in locks))


def needs(folder, locks):
    return not (folder / "bin" / "python").exists() or not is_current(folder, locks)


def is_current(folder, locks):
    """Whether every one of these locks was installed as it is now (others may have been, too)."""
    try:
        installed = (folder / "installed").read_text().split("\n")
    except OSError:
        return False
    return all(digest(lock) in installed for lock in locks)


def digest(lock):
    return "%s %s" % (lock, hashlib.sha256((ROOT / lock).read_bytes()).hexdigest())


def find_uv():
    """uv from the machine, or fetched into .tools by pip."""
    found = shutil.which("uv") or shutil.which("uv", path=str(TOOLS / "bin"))
    if found:
        return found
    print("Fetching uv ...", flush=True)
    # --target, since Debian's own pip refuses to install outside an environment.
    run([sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--target", str(TOOLS), "uv>=0.5"],
        "could not be fetched: install uv, or see that pip reaches a package registry")
    return str(TOOLS / "bin" / "uv")


def find_python(uv, version, variable, names, exact=False):
    """An interpreter of that version: as set, from the PATH, from pyenv, else fetched by uv."""
    wanted = ".".join(map(str, version))
    candidates = [os.environ.get(variable)] + [shutil.which(name) for name in names]
    candidates += [sys.executable, shutil.which("python3")]
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates += sorted(glob(os.path.join(root, "versions", "3.*", "bin", "python3")))
    candidates += sorted(glob("/usr/local/bin/python3.*") + glob("/opt/python*/bin/python3"))
    for candidate in candidates:
        found = candidate and version_of(candidate)
        if found and (found == version if exact else found >= version):
            return candidate
    print("Fetching Python %s ..." % wanted, flush=True)
    done = subprocess.run([uv, "python", "install", "--quiet", wanted], cwd=str(ROOT), stderr=subprocess.DEVNULL)
    if done.returncode == 0:
        return wanted
    raise CannotInstall(
        "Python %s is needed%s and was neither found on this machine nor could it be fetched. Install it "
        "(pyenv install %s, or your distribution's package), or name its path in %s."
        % (wanted, " for the dialogue engine" if exact else " or newer", wanted, variable)
    )


def version_of(python):
    """(major, minor) of an interpreter that really runs; a pyenv shim of a version that is not chosen does not."""
    try:
        done = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None
    except (OSError, ValueError):
        return None


def install_browser():
    """Chromium for the browser tests, and a font for Japanese, where this user may install Debian's packages."""
    if shutil.which("chromium") or not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and subprocess.run(sudo + ["true"], stderr=subprocess.DEVNULL).returncode:
        print("No Chromium is here and it cannot be installed: the browser tests will be skipped.", flush=True)
        return
    print("Installing Chromium ...", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(sudo + ["apt-get", "update", "-qq"], **quiet)
    packages = ["chromium", "fonts-noto-cjk"]
    subprocess.run(sudo + ["apt-get", "install", "-y", "-qq", "--no-install-recommends"] + packages, **quiet)


def run(command, problem):
    # Whoever builds an image is root, and pip need not warn of it.
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    if subprocess.run(command, cwd=str(ROOT), env=environment).returncode:
        raise CannotInstall("%s %s." % (" ".join(command[:3]), problem))


if __name__ == "__main__":
    sys.exit(main())
