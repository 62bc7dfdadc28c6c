"""The media type of a file by its extension."""

from __future__ import annotations

UNKNOWN = "application/octet-stream"

# What mail carries, written here so that the same file has the same type on every machine: `mimetypes` reads the
# registry of Windows and the files of Unix, which programs change.
_BY_EXTENSION = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "avi": "video/x-msvideo",
    "avif": "image/avif",
    "bin": UNKNOWN,
    "bmp": "image/bmp",
    "bz2": "application/x-bzip2",
    "cer": "application/pkix-cert",
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eml": "message/rfc822",
    "eps": "application/postscript",
    "epub": "application/epub+zip",
    "exe": UNKNOWN,
    "flac": "audio/flac",
    "gif": "image/gif",
    "gz": "application/gzip",
    "heic": "image/heic",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "ics": "text/calendar",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "log": "text/plain",
    "m4a": "audio/mp4",
    "md": "text/markdown",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "msg": "application/vnd.ms-outlook",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "p7m": "application/pkcs7-mime",
    "p7s": "application/pkcs7-signature",
    "pdf": "application/pdf",
    "pfx": "application/x-pkcs12",
    "png": "image/png",
    "pps": "application/vnd.ms-powerpoint",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ps": "application/postscript",
    "psd": "image/vnd.adobe.photoshop",
    "rar": "application/vnd.rar",
    "rtf": "application/rtf",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "vsd": "application/vnd.visio",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "wma": "audio/x-ms-wma",
    "wmv": "video/x-ms-wmv",
    "xls": "application/vnd.ms-excel",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "xps": "application/vnd.ms-xpsdocument",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
}


def guess_media_type(name: str) -> str:
    """The media type that belongs to a file name, `application/octet-stream` where nothing is known."""
    _, dot, extension = name.rpartition(".")
    if not dot:
        return UNKNOWN
    known = _BY_EXTENSION.get(extension.lower())
    if known is not None:
        return known
    import mimetypes  # slow to load, and reads files: only for what is rare

    # Only the extension is asked for: the name itself could look like a URL.
    guessed, encoding = mimetypes.guess_type(f"x.{extension}")
    return UNKNOWN if guessed is None or encoding is not None else guessed


# Where several extensions have one type, the one that people know.
_PREFERRED = {"image/jpeg": ".jpg", "text/plain": ".txt", "text/html": ".html", "image/tiff": ".tif", UNKNOWN: ".bin"}
_BY_TYPE = {media_type: f".{extension}" for extension, media_type in reversed(_BY_EXTENSION.items())} | _PREFERRED


def extension_of(media_type: str) -> str:
    """The extension, with its dot, that files of this type have; "" where nothing is known."""
    known = _BY_TYPE.get(media_type)
    if known is not None:
        return known
    import mimetypes  # slow to load, and reads files: only for what is rare

    return mimetypes.guess_extension(media_type) or ""
