"""A bare repository of our own, made where there was none."""

from pathlib import Path

from posts.git_process import Git


def make_bare(folder: Path, branch: str) -> None:
    """Make an empty bare repository in `folder`, which is not there yet; it will have `branch`. Raises `GitError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    git = Git(str(folder), protocol="file", timeout=60)
    git.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", "--", str(folder))
