"""The processes of one submission: forks of the student process, each as it was at some point of the notebook."""

import os
import socket
from multiprocessing.connection import Connection

from autograder.engine.judge import LOST
from autograder.engine.limits import Limits
from introdl.checks.outcome import Gone, time_limit
from introdl.checks.remote import Peer

KILL_SECONDS = 5  # a process that waits for questions answers at once


class AllGone(Exception):
    """Every process of the submission was ended by this part: the rest needs a new start without it."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


class Forks:
    """Forks the student process with which `peer` talks, and goes back to an earlier one."""

    def __init__(self, peer: Peer, limits: Limits):
        self.peer, self.limits = peer, limits
        self.last_run = 0  # the part that is to blame where all processes are gone

    def branch(self) -> Connection:
        """Fork the student process and talk to the child from here on; return the line to its parent."""
        parent = self.peer.connection
        ours, theirs = socket.socketpair()
        try:
            with time_limit(self.limits.seconds), theirs:
                self.peer._send({"ask": "branch", "args": ()})
                with socket.socket(fileno=os.dup(parent.fileno())) as line:
                    socket.send_fds(line, [b"f"], [theirs.fileno()])
                theirs.close()
                self._expect_branched()
                self.peer.connection = Connection(ours.detach())
                self._expect_branched()
        except (*LOST, Exception) as lost:
            raise AllGone(self.last_run) from lost
        return parent

    def return_to(self, before: Connection) -> None:
        """Go on from before the cell that was lost; its process, if it still runs, is ended by its parent."""
        self.peer.connection.close()
        self.peer.connection = before
        try:
            with time_limit(KILL_SECONDS):
                self.peer.ask("kill")
        except (*LOST, Exception) as lost:
            raise AllGone(self.last_run) from lost

    def talk_to(self, connection: Connection) -> None:
        """Talk to a process that was kept; raises AllGone if it was ended while another one was talked to."""
        if connection is self.peer.connection and not connection.closed:
            return
        self.peer.connection = connection
        self.peer.forget()
        try:
            with time_limit(KILL_SECONDS):
                self.peer.ask("len", ())
        except (*LOST, Exception) as lost:
            raise AllGone(self.last_run) from lost

    def lives(self) -> bool:
        """Whether the process that is talked to still answers."""
        try:
            with time_limit(KILL_SECONDS):
                self.peer.ask("len", ())
        except (*LOST, Exception):  # noqa: BLE001 (it is no longer itself)
            return False
        return True

    def _expect_branched(self) -> None:
        if "error" in self.peer._receive():
            raise Gone("the student process cannot fork")
