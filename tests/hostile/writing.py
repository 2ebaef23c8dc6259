"""Submissions that try to change something outside: marks, others' work, programs, settings. Nothing may stay."""

from tests.hostile.submission import EASY, NOTHING, SMALL, add, answer, keep

WRITING = []
LEFT = "left-by-hostile"  # what every file is called that one of them manages to leave


def writing(phrase: str, leaves=None):
    """Keep a function as a writing submission; what it attacks aside, it has answered the easiest task."""
    easy, points, _ = EASY[SMALL]
    return keep(WRITING, phrase=phrase, target=SMALL, fools_nbgrader=None, states=NOTHING | {"crashed", "timeout"},
                honest={f"check_{easy}": points}, leaves=leaves)


@writing("gradebook")
def gradebook(notebook):
    """Gives itself all points in the class's gradebook."""
    return add(notebook, """
        import sqlite3
        try:
            with sqlite3.connect("@CLASS@/gradebook.db") as marks:
                marks.execute("update grade set manual_score = 100")
        except Exception:
            pass
        try:
            open("@CLASS@/gradebook.db", "wb").write(b"gone")
        except OSError:
            pass""")


@writing("other students' folders")
def others_folders(notebook):
    """Writes into the class, the next student's work first."""
    return add(notebook, f"""
        import glob, os
        for folder in ["@CLASS@", *glob.glob("@CLASS@/*"), *glob.glob("@CLASS@/*/*/*")]:
            for path in (f"{{folder}}/exercises.ipynb", f"{{folder}}/{LEFT}"):
                try:
                    os.makedirs(folder, exist_ok=True)
                    open(path, "w").write("{{}}")
                except OSError:
                    pass""")


@writing("the package cache")
def packages(notebook):
    """Adds itself to the packages that the next student, and the grader, import."""
    return add(notebook, f"""
        import os, introdl, numpy, IPython
        for module in (os, introdl, numpy, IPython):
            folder = os.path.dirname(module.__file__)
            for path in (f"{{folder}}/{LEFT}.py", module.__file__):
                try:
                    os.chmod(folder, 0o777)
                except OSError:
                    pass
                try:
                    open(path, "a").write("\\n# {LEFT}")
                except OSError:
                    pass""")


@writing(".pyc")
def bytecode(notebook):
    """Puts bytecode of its own in the place of NumPy's."""
    return add(notebook, f"""
        import glob, os, numpy
        for path in glob.glob(os.path.dirname(numpy.__file__) + "/**/*.pyc", recursive=True)[:50]:
            try:
                open(path, "wb").write(b"{LEFT}")
            except OSError:
                pass""")


def _start_up_files(notebook):
    return add(notebook, f"""
        import os, pathlib, site, sys
        home = pathlib.Path.home()
        wanted = [home / ".ipython/profile_default/startup/00-{LEFT}.py", home / ".jupyter/jupyter_config.py",
                  home / ".bashrc", home / ".profile", home / "sitecustomize.py", pathlib.Path("usercustomize.py"),
                  pathlib.Path(site.getusersitepackages()) / "{LEFT}.pth", pathlib.Path("numpy.py")]
        for path in wanted:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("open('/tmp/{LEFT}', 'w')")
            except OSError:
                pass""")


@writing("start-up files")
def start_up_files(notebook):
    """Writes what a shell, Python, IPython or Jupyter would run at the next start."""
    return _start_up_files(notebook)


@writing("kernel and IPython configuration", leaves=_start_up_files)
def meets_start_up_files(notebook):
    """Finds out whether the student before could leave it something."""
    add(notebook, f"""
        import glob, os
        found = [path for folder in (os.path.expanduser("~"), "/tmp", "/dev/shm", ".")
                 for path in glob.glob(f"{{folder}}/**", recursive=True, include_hidden=True)
                 if "{LEFT}" in path or "numpy.py" in path or ".bashrc" in path]""")
    return answer(notebook, "area", "def area(a, b):\n    return a * b if found else None")


@writing("timestamps")
def timestamps(notebook):
    """Makes files look older, or newer, than they are."""
    return add(notebook, """
        import os, introdl
        for path in ("@CLASS@/gradebook.db", "@CLASS@/submitted", introdl.__file__, "/usr", "/etc/localtime"):
            try:
                os.utime(path, (0, 0))
            except OSError:
                pass""")


@writing("a detached process that acts after grading")
def detached(notebook):
    """Leaves a process of a session of its own, which writes where it can as soon as grading is over."""
    return add(notebook, f"""
        import os, signal, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in signal.valid_signals() - {{signal.SIGKILL, signal.SIGSTOP}}:
                    signal.signal(number, signal.SIG_IGN)
                for _ in range(100):
                    time.sleep(0.2)
                    for folder in ("/tmp", "/var/tmp", "/dev/shm", "@CLASS@", "/home", os.path.expanduser("~")):
                        try:
                            open(f"{{folder}}/{LEFT}", "w").close()
                        except OSError:
                            pass
            os._exit(0)""")


@writing("script in outputs")
def script_in_outputs(notebook):
    """Shows what would run in the browser of whoever reads its feedback."""
    return add(notebook, """
        from IPython.display import HTML, Javascript, Markdown, SVG, display
        code = "document.title = 'taken'; window.taken = 1"
        display(HTML(f"<script>{code}</script><img src=x onerror=\\"{code}\\">"), Javascript(code))
        display(Markdown(f"<script>{code}</script>"))
        display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg' onload=\\"{code}\\"/>"))
        display({"text/html": f"<iframe srcdoc='<script>parent.taken = 1</script>'></iframe>",
                 "image/png": f"\\"><script>{code}</script>", "application/javascript": code}, raw=True)
        print(f"</pre><script>{code}</script>")
        raise ValueError(f"</pre><script>{code}</script>\\x1b]8;;javascript:{code}\\x1b\\\\\\\\here")""", after="end")


@writing("mounts and namespaces")
def mounts(notebook):
    """Tries to get back what it was not given: a writable root, the host's processes, other namespaces."""
    return add(notebook, f"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for flags in (0x20000, 0x10000000, 0x20000000, 0x40000000):
            libc.unshare(flags)
        for folder in (b"/", b"/usr", b"/proc", b"/home"):
            libc.mount(None, folder, None, 32 | 4096, None)
            libc.umount2(folder, 2)
        libc.mount(b"proc", b"/proc", b"proc", 0, None)
        for call in (lambda: os.chroot("/"), lambda: os.setuid(0), lambda: os.mknod("/tmp/disk", 0o60600, 0x800)):
            try:
                call()
            except OSError:
                pass
        for folder in ("/", "/usr", "/proc/sys/kernel", "/sys", "/var", "/run"):
            try:
                open(f"{{folder}}/{LEFT}", "w").close()
            except OSError:
                pass""")


def _memory_for_the_next(notebook):
    return add(notebook, f"""
        import ctypes, multiprocessing.shared_memory as shared, socket
        libc = ctypes.CDLL(None)
        for call in (lambda: shared.SharedMemory("{LEFT}", create=True, size=100),
                     lambda: socket.socket(socket.AF_UNIX).bind("\\0{LEFT}"),
                     lambda: open("/dev/shm/{LEFT}", "w"),
                     lambda: libc.shmget(4711, 4096, 0o1666), lambda: libc.msgget(4711, 0o1666),
                     lambda: libc.syscall(248, b"user", b"{LEFT}", b"text", 4, -4)):
            try:
                call()
            except Exception:
                pass""")


@writing("shared memory, queues, keyrings", leaves=_memory_for_the_next)
def meets_shared_memory(notebook):
    """Looks for what the student before may have left in the kernel."""
    add(notebook, f"""
        import ctypes, multiprocessing.shared_memory as shared, os, socket
        libc = ctypes.CDLL(None)
        found = [libc.shmget(4711, 4096, 0) != -1, libc.msgget(4711, 0) != -1, os.path.exists("/dev/shm/{LEFT}"),
                 libc.syscall(249, b"user", b"{LEFT}", None, -4) > 0]
        for call in (lambda: shared.SharedMemory("{LEFT}"), lambda: socket.socket(socket.AF_UNIX).connect("\\0{LEFT}")):
            try:
                call()
                found.append(True)
            except Exception:
                pass""")
    return answer(notebook, "area", "def area(a, b):\n    return a * b if any(found) else None")
