"""Operations on mail: what a mail program does, without a word of WLanguage and without a byte of a protocol."""
