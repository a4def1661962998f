"""The questions of the battery, by family, and how they are asked of a cohort."""

from lesionhet.validate.questions.ask import QUESTIONS, make_case, needed
from lesionhet.validate.questions.question import Options, Question, Rows

__all__ = ["QUESTIONS", "Options", "Question", "Rows", "make_case", "needed"]
