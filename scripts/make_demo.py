"""Make the demo, once: a bare git repository as the remote, 300 posts in it, a collection on it, one user per role.

Run again it changes nothing and prints the users again. All of it lies under VAR_DIR/demo and in the database.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402

from posts.models import Collection, Sync  # noqa: E402
from posts.practice import make_practice, practice_collection  # noqa: E402
from posts.syncing import sync  # noqa: E402

NAME = "demo"
POSTS = 300
SAMPLE = ROOT / "tests" / "samples" / "2026-02-13-market-selloff.md"
PEOPLE = {
    "wen": ("文 Wen", "Writer"),
    "rui": ("睿 Rui", "Reviewer"),
    "pan": ("潘 Pan", "Publisher"),
    "cui": ("崔 Cui", "Curator"),
    "ada": ("Ada", "Administrator"),
}


def remote(folder: Path) -> Path:
    """The bare repository of the demo, made if it is not there yet."""
    bare = folder / "site.git"
    if bare.exists():
        return bare
    work = folder / "making"
    shutil.rmtree(work, ignore_errors=True)
    posts = work / "src" / "posts" / "2026"
    posts.mkdir(parents=True)
    shutil.copy(SAMPLE, posts)
    corpus = ROOT / "tests" / "corpus" / "make_corpus.py"
    subprocess.run([sys.executable, str(corpus), str(POSTS - 1), str(work), "--bad", "0.01", "--git"], check=True)
    half = folder / "site.making"
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", "--no-hardlinks", str(work), str(half)], check=True)
    half.rename(bare)
    shutil.rmtree(work)
    return bare


def people(folder: Path) -> dict[str, str]:
    """One user per role; gives the passwords, kept in a file that only the owner reads."""
    kept = folder / "passwords.json"
    passwords: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    for username, (name, role) in PEOPLE.items():
        if User.objects.filter(username=username).exists():
            continue
        passwords[username] = f"{role.lower()}-{secrets.token_hex(4)}"
        user = User.objects.create_user(
            username, f"{username}@example.org", passwords[username], first_name=name, is_staff=True
        )
        user.groups.add(Group.objects.get(name=role))
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(passwords))
    return passwords


def main() -> int:
    """Make what is missing and say where everything is; 1 if the repository could not be read."""
    folder = settings.VAR_DIR / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    bare = remote(folder)
    collection = Collection.objects.filter(name=NAME).first()
    if collection is None:
        collection = Collection.objects.create(
            name=NAME,
            url=str(bare),
            machine_authors="pipeline@example.org",
            media_folder="src/assets/images",
            media_url="/assets/images",
        )
        run = sync(collection)
        if run.state == Sync.State.FAILED:
            print(f"The demo could not be brought in: {run.error_code} {run.error_facts}", file=sys.stderr)
            return 1
    if practice_collection() is None:
        sync(make_practice(by=None))
    passwords = people(folder)
    print("\nThe demo's users (name, password, role):")
    for username, (_name, role) in PEOPLE.items():
        print(f"  {username:<5} {passwords.get(username, 'as you set it'):<24} {role}")
    print(f"Its repository: {bare}\n  to see what leaves: git -C {bare} log -p\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
