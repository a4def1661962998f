"""The corpus of faulty inputs: every file is made by code, every message is a snapshot to be read."""

from . import adam as adam
from . import binary_files as binary_files
from . import sdtm_dates as sdtm_dates
from . import sdtm_files as sdtm_files
from . import sdtm_lesions as sdtm_lesions
from . import text_files as text_files
from . import workbooks as workbooks
from .case import CASES as CASES
from .case import Case as Case
