"""Problems on disk: parquet that plain `datasets.load_dataset` opens with decoded images.

`schema` says which columns a row has, `reader` streams problems from files, `writer` writes one
file, `folder` writes a set of shards that survives interruption.
"""

from data_synth.storage.folder import (
    CARD_MARK,
    CARD_NAME,
    SHEET_NAME,
    check_output_folder,
    write_problems,
)
from data_synth.storage.journal import Recovery
from data_synth.storage.reader import count_problems, problem_files, read_problems
from data_synth.storage.writer import ProblemWriter

__all__ = [
    "CARD_MARK",
    "CARD_NAME",
    "SHEET_NAME",
    "ProblemWriter",
    "Recovery",
    "check_output_folder",
    "count_problems",
    "problem_files",
    "read_problems",
    "write_problems",
]
