"""Sample Git repositories for tests, made with the git program. Standard library only."""
import os
import shutil
import subprocess


class GitRepo:
    """A repository with a work tree, served to swelld as file://."""

    def __init__(self, folder, files=None):
        self.folder = folder
        os.makedirs(folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Dev")
        self.git("config", "user.email", "dev@example.com")
        self.git("config", "commit.gpgsign", "false")
        if files:
            self.commit("Initial", files)

    @property
    def url(self):
        return "file://" + self.folder

    def git(self, *arguments):
        environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        done = subprocess.run(["git", "-C", self.folder, *arguments], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise RuntimeError("git %s: %s" % (" ".join(arguments), text))
        return text.strip()

    def commit(self, message, files=None, remove=()):
        """Writes `files` ({path: text}), removes paths, commits everything; returns the commit."""
        for path, text in (files or {}).items():
            full = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w") as f:
                f.write(text)
        for path in remove:
            full = os.path.join(self.folder, path)
            shutil.rmtree(full) if os.path.isdir(full) else os.remove(full)
        return self.commit_work_tree(message)

    def commit_work_tree(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.head()

    def link(self, path, target):
        """A symbolic link in the work tree; commit_work_tree takes it up."""
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        os.symlink(target, full)

    def head(self):
        return self.git("rev-parse", "HEAD")
