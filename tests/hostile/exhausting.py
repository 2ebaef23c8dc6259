"""Submissions that try to use up time, memory, disk or processes: each loses the cell that does it, and no more."""

from tests.hostile.submission import EASY, NOTHING, SMALL, add, answer, keep

EXHAUSTING = []
LOST = ("timeout", "out of memory", "crashed")


def exhausting(phrase: str, honest: dict | None = None, states: tuple = ()):
    """Keep a function as an exhausting submission; honest is, unless told otherwise, the easiest task alone."""
    easy, points, _ = EASY[SMALL]
    return keep(EXHAUSTING, phrase=phrase, target=SMALL, fools_nbgrader=None, states=NOTHING | set(LOST) | set(states),
                honest={f"check_{easy}": points} if honest is None else honest)


# Time ------------------------------------------------------------------------------------------------------------


@exhausting("endless loop: in a cell")
def loops_in_a_cell(notebook):
    """Never ends a cell of its own."""
    return add(notebook, "while True:\n    pass")


@exhausting("endless loop: in an answer")
def loops_in_an_answer(notebook):
    """Never ends an answer."""
    return answer(notebook, "area", "def area(a, b):\n    while True:\n        pass")


@exhausting("loop that ignores interrupts")
def ignores_interrupts(notebook):
    """Catches everything, and blocks every signal that can be blocked."""
    return add(notebook, """
        import signal
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass""")


@exhausting("loop that ignores interrupts: in C")
def loops_in_c(notebook):
    """Computes where no signal handler is called."""
    return answer(notebook, "area", "def area(a, b):\n    return pow(7, 10**9) % 2")


@exhausting("sleeping: in a cell")
def sleeps_in_a_cell(notebook):
    """Waits for nothing."""
    return add(notebook, "import time\ntime.sleep(10**6)")


@exhausting("sleeping: a little in every call")
def sleeps_in_every_call(notebook):
    """Stays below the limit in each call, and is over it in the check."""
    return answer(notebook, "divisors", """
        def divisors(n):
            import time
            time.sleep(1.5)
            return [d for d in range(1, n + 1) if n % d == 0]""")


@exhausting("input()")
def asks_for_input(notebook):
    """Waits for somebody to type."""
    add(notebook, "name = input('Who are you? ')")
    return answer(notebook, "area", "def area(a, b):\n    return float(input())")


@exhausting("sleeping: an object that never tells what it is", states=("grader fault",))
def never_ending_texts(notebook):
    """Gives objects whose text, length and comparison never end."""
    add(notebook, """
        class Slow:
            def __repr__(self):
                while True:
                    pass
            __len__ = __eq__ = __iter__ = __float__ = __array__ = __hash__ = __repr__""")
    answer(notebook, "area", "def area(a, b):\n    return Slow()")
    return answer(notebook, "divisors", "def divisors(n):\n    return Slow()")


# Memory ----------------------------------------------------------------------------------------------------------


@exhausting("memory bomb: in a cell")
def memory_bomb(notebook):
    """Takes memory until there is none."""
    return add(notebook, "kept = []\nwhile True:\n    kept.append(np.ones(10**6))")


@exhausting("memory bomb: in an answer")
def memory_bomb_in_an_answer(notebook):
    """Takes memory when it is asked for an answer."""
    return answer(notebook, "mean", "def mean(values):\n    return bytearray(2**40)")


@exhausting("memory bomb: in many processes, each below the limit")
def memory_in_many_processes(notebook):
    """Lets thirty processes take what one may take."""
    return add(notebook, """
        import os
        for _ in range(30):
            if os.fork() == 0:
                kept = np.ones(10**7)
                while True:
                    kept += 1""")


@exhausting("memory bomb: an answer too large to be sent")
def answer_too_large(notebook):
    """Returns what no message holds."""
    return answer(notebook, "area", "def area(a, b):\n    return np.zeros(40_000_000)")


@exhausting("memory bomb: an answer nested too deep")
def answer_too_deep(notebook):
    """Returns lists in lists in lists."""
    return answer(notebook, "divisors", """
        def divisors(n):
            found = []
            for _ in range(10**6):
                found = [found]
            return found""")


@exhausting("memory bomb: recursion without an end")
def endless_recursion(notebook):
    """Fills the stack, with Python's own limit out of the way."""
    return answer(notebook, "area", """
        def area(a, b):
            import sys
            sys.setrecursionlimit(10**9)
            return area(a, b) + 1""")


# Processes, threads, descriptors ---------------------------------------------------------------------------------


@exhausting("fork bomb")
def fork_bomb(notebook):
    """Doubles itself without an end."""
    return add(notebook, """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass""")


@exhausting("thread bomb")
def thread_bomb(notebook):
    """Starts threads that never end, and waits for them."""
    return add(notebook, """
        import threading, time
        while True:
            try:
                threading.Thread(target=time.sleep, args=(10**6,)).start()
            except RuntimeError:
                pass""")


@exhausting("descriptor leak")
def descriptor_leak(notebook):
    """Opens files until no more can be opened, and goes on."""
    return add(notebook, """
        opened = []
        try:
            while True:
                opened.append(open("/dev/null"))
        except OSError:
            pass""")


# Disk and output -------------------------------------------------------------------------------------------------


@exhausting("gigabytes of output: texts")
def output_bomb(notebook):
    """Prints for as long as it may."""
    return add(notebook, "while True:\n    print('x' * 10**6)")


@exhausting("gigabytes of output: in an answer")
def output_bomb_in_an_answer(notebook):
    """Prints when it is asked for an answer."""
    return answer(notebook, "mean", """
        def mean(values):
            while True:
                print("x" * 10**5)""")


@exhausting("gigabytes of output: past Python, to the descriptors")
def output_to_descriptors(notebook):
    """Writes to 1 and 2 itself."""
    return add(notebook, """
        import os
        while True:
            os.write(1, b"x" * 10**6)
            os.write(2, b"x" * 10**6)""")


@exhausting("disk fill")
def disk_fill(notebook):
    """Fills every folder that it may write to, and leaves it full."""
    return add(notebook, """
        import os, tempfile
        for folder in (os.path.expanduser("~"), "/tmp", "/dev/shm", "."):
            for number in range(10**6):
                try:
                    with open(f"{folder}/fill-{number}", "wb") as file:
                        file.write(b"x" * 2**24)
                except OSError:
                    break""")


@exhausting("inode fill")
def inode_fill(notebook):
    """Makes empty files until no more can be made."""
    return add(notebook, """
        for number in range(10**7):
            try:
                open(f"/tmp/{number}", "w").close()
            except OSError:
                break""")


# Ending what runs ------------------------------------------------------------------------------------------------


@exhausting("os._exit: in a cell")
def exits_in_a_cell(notebook):
    """Ends its process, and with it what the cells before have made."""
    return add(notebook, "import os\nos._exit(0)")


@exhausting("os._exit: in an answer")
def exits_in_an_answer(notebook):
    """Ends its process when it is asked."""
    return answer(notebook, "estimate", "def estimate(x):\n    import os\n    os._exit(0)")


@exhausting("segmentation fault: in a cell")
def crashes_in_a_cell(notebook):
    """Reads where there is no memory."""
    return add(notebook, "import ctypes\nctypes.string_at(0)")


@exhausting("segmentation fault: in an answer")
def crashes_in_an_answer(notebook):
    """Reads where there is no memory when it is asked."""
    return answer(notebook, "Counter", """
        class Counter:
            def add(self, n):
                import ctypes
                ctypes.string_at(0)""")


@exhausting("kill of everything it may signal")
def kills_everything(notebook):
    """Sends SIGKILL to whatever it reaches."""
    return add(notebook, """
        import os, signal
        os.kill(-1, signal.SIGKILL)
        os.killpg(0, signal.SIGKILL)""", after="end")


@exhausting("kill of everything it may signal: the first processes, by number")
def kills_by_number(notebook):
    """Goes through the numbers of processes, its own last."""
    return add(notebook, """
        import os, signal
        for number in [n for n in range(1, 5000) if n != os.getpid()] + [os.getpid()]:
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                pass""")


@exhausting("network: out")
def calls_out(notebook):
    """Looks for a way to another machine, and for a service on this one."""
    add(notebook, """
        import socket
        reached = []
        for place in (("127.0.0.1", 22), ("127.0.0.1", 8888), ("192.0.2.1", 80), ("::1", 631)):
            try:
                reached.append(socket.create_connection(place, timeout=0.5))
            except OSError:
                pass""")
    return answer(notebook, "area", "def area(a, b):\n    return a * b if reached else None")


@exhausting("network: a server")
def listens(notebook):
    """Opens a port and leaves a process that listens on it."""
    return add(notebook, """
        import os, socket, time
        server = socket.socket()
        server.bind(("0.0.0.0", 45671))
        server.listen()
        if os.fork() == 0:
            os.setsid()
            time.sleep(10**6)""")
