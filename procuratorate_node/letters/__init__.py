"""Letters as .docx: templates as data, placeholders checked, filled at the procuratorate only."""
