"""Why a file could not be written, in one sentence."""

from __future__ import annotations

import errno


def reason(error: Exception, path: object) -> str:
    """Return the sentence. Refusals of the program (ValueError) say it themselves."""
    if isinstance(error, MemoryError):
        return f"{path}: there is not enough memory for this; allowed: a smaller size"
    if not isinstance(error, OSError):
        return str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path}: this cannot be written, because the disk is full; what was there before is unchanged"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path}: this cannot be written, because this folder or file does not permit it; what was there before is unchanged"
    if error.errno == errno.ENOENT:
        return f"{path}: this cannot be written, because there is no such folder"
    return f"{path}: this cannot be written ({error.strerror or error}); what was there before is unchanged"
