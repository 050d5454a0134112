"""The errors that people see.

Every error says what came, what is allowed and what to do next. The two doors (command line and web) map this tree
once, to exit codes and to HTTP statuses; nothing else catches `VocError` in order to hide it.

VocError
├── InputError            a file, row, argument or setting that people can mend           exit 2
│   ├── SettingsError     voc.toml, VOC_* or mapping.toml is not usable
│   ├── NotFoundError     the id, week, market or file that was named does not exist
│   ├── NotAllowedError   the reader's role may not see or do it
│   ├── ConflictError     somebody else changed meanwhile what was to be changed
│   ├── SignInError       nobody is signed in, or the password, session or token is not right
│   └── TooManyTriesError too many tries to sign in failed of late
├── StoreError            the store cannot be opened, migrated or written                exit 3
│   ├── BusyError         another run holds the lease
│   └── DamageError       a derived file does not match its manifest
├── ModelError            a model is absent, damaged or cannot run here                  exit 4
├── LLMError              an answer could not be had                                     exit 5
│   ├── LLMUnavailable    nothing answered: time-out, refused connection, no model
│   ├── LLMRefused        key, quota or permission: every further call would fail too
│   ├── InvalidAnswer     answered, but not in our schema after every re-ask
│   └── BudgetSpent       the token or time budget of the run is used up
├── DiskFullError         no room left; nothing stored was lost                          exit 6
├── OutOfMemoryError      the memory was not enough; nothing stored was lost             exit 9
├── SendError             a report could not be handed over                              exit 7
│   └── UnsureSendError   nobody can say whether it arrived
└── RunCancelledError     somebody stopped the run; the same command goes on             exit 8
"""

from __future__ import annotations


class VocError(Exception):
    """Base of every error that voc raises on purpose."""

    exit_code = 1


class InputError(VocError):
    """Something that people gave cannot be used as it is."""

    exit_code = 2


class SettingsError(InputError):
    """A setting, mapping or environment variable is not usable."""


class NotFoundError(InputError):
    """What was named does not exist."""


class NotAllowedError(InputError):
    """The role of the reader may not see or do what was asked for."""


class ConflictError(InputError):
    """Somebody else changed meanwhile what was to be changed; nothing of either is lost."""


class SignInError(InputError):
    """Nobody is signed in, or the name, password, session or token is not right."""


class TooManyTriesError(InputError):
    """Too many tries failed of late; later ones may pass."""


class StoreError(VocError):
    """The store cannot be opened, migrated, read or written."""

    exit_code = 3


class BusyError(StoreError):
    """Another run holds the lease on the workspace."""


class DamageError(StoreError):
    """A derived file does not match the manifest that was written with it."""


class ModelError(VocError):
    """A model is absent, damaged or cannot run on this machine."""

    exit_code = 4


class LLMError(VocError):
    """A language-model answer could not be had."""

    exit_code = 5


class LLMUnavailable(LLMError):
    """Nothing answered: no model, time-out, refused connection."""


class LLMRefused(LLMError):
    """Key, quota or permission is wrong, so every further call would fail too."""


class InvalidAnswer(LLMError):
    """The model answered, but never in the asked form."""


class BudgetSpent(LLMError):
    """The token or time budget of this run is used up."""


class RunCancelledError(VocError):
    """Somebody stopped the run; what its steps did is stored, and the same command goes on."""

    exit_code = 8


class DiskFullError(VocError):
    """There is no room left on the disk."""

    exit_code = 6


class OutOfMemoryError(VocError):
    """There is not enough memory."""

    exit_code = 9


class SendError(VocError):
    """A report could not be handed to a mail server or webhook."""

    exit_code = 7


class UnsureSendError(SendError):
    """The connection broke while a report was handed over, so that nobody can say whether it arrived."""


_MEMORY_WORDS = ("can't allocate memory", "std::bad_alloc", "can't start new thread", "out of memory")
"""What libraries say that have no error of their own for it: torch, C++ libraries, Python's threads, SQLite."""


def out_of_memory(error: BaseException) -> OutOfMemoryError | None:
    """Return the error that people see when a lack of memory is behind an error, else None."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or any(words in str(seen) for words in _MEMORY_WORDS):
            return OutOfMemoryError(
                "There is not enough memory. What was stored before is safe. Close other programs, or run it where "
                "there is more; the same command goes on where it stopped."
            )
        seen = seen.__cause__ or seen.__context__
    return None
