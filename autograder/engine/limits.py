"""What a submission may use, and why so much. The defaults fit a laptop with 8 GB and two cores."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; `autograder grade --time --memory --output` set the first three.

    seconds: of one cell or one check. The slowest exercise of the course needs under ten.
    memory_mb: of address space that a student process may add to what the libraries take. Three run side by
    side on two cores, and hardly any needs a tenth of it.
    output_kb: of text and pictures that one cell may show; the rest is dropped. A plot has 20 to 100 kB.
    """

    seconds: float = 60.0
    memory_mb: int = 2048
    output_kb: int = 1024

    notebook_mb = 20  # bytes of a submitted file: our largest has under 1, pictures included
    nesting = 100  # JSON lists in lists: a notebook has about 6
    cells = 1000  # of a submitted notebook: our longest has 60
    cell_characters = 200_000  # of one cell's source
    folder_mb = 64  # of the private folder in which a student's cells may write
    open_files = 256  # libraries keep about ten open
    processes = 64  # threads of libraries among them
    file_mb = 64  # of one file that is written
    message_characters = 4_000  # of an error in the executed notebook

    @property
    def total_seconds(self) -> float:
        """Of a whole submission: most notebooks need one, and a few cells may reach their limit."""
        return 5 * self.seconds + 30
