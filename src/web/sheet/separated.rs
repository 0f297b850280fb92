//! CSV (RFC 4180), strictly: a lenient reader would take the rest of a file for one cell where a quote is missing.

use crate::domain::catalogue::{Cell, Column, Fault, MOST_COLUMNS, MOST_ROWS, Sheet, SheetRow};

/// What may stand between cells.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a file whose separator is the one by which most of its headings are known.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    let (separator, body, first) = match told_separator(bytes) {
        Some((separator, rest)) => (separator, rest, 2),
        None => (likeliest(bytes)?, bytes, 1),
    };
    let mut rows = Vec::new();
    let mut reader = Reader::new(body, separator, first);
    while let Some(row) = reader.row()? {
        if !row.cells.iter().all(|cell| cell.text.trim().is_empty()) {
            rows.push(row);
        }
        if rows.len() > MOST_ROWS + 1 {
            break;
        }
    }
    Ok(Sheet {
        rows,
        notes: Vec::new(),
        is_whole: true,
    })
}

/// `sep=;` in the first line, as Excel writes and reads it.
fn told_separator(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(b"sep=")?;
    let (separator, rest) = rest.split_first()?;
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    SEPARATORS.contains(separator).then_some((*separator, rest))
}

fn likeliest(bytes: &[u8]) -> Result<u8, Fault> {
    let known = |separator: u8| {
        let head = Reader::new(bytes, separator, 1)
            .row()
            .ok()
            .flatten()
            .unwrap_or_default();
        let known = head.cells.iter().filter(|cell| Column::titled(&cell.text).is_some());
        (known.count(), head.cells.len())
    };
    let mut best = SEPARATORS[0];
    for separator in SEPARATORS {
        if known(separator) > known(best) {
            best = separator;
        }
    }
    // What is wrong with the headings is told by the separator that fits best.
    Reader::new(bytes, best, 1).row()?;
    Ok(best)
}

struct Reader<'a> {
    bytes: &'a [u8],
    separator: u8,
    at: usize,
    number: u32,
    line: u32,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], separator: u8, first: u32) -> Self {
        Self {
            bytes,
            separator,
            at: 0,
            number: first - 1,
            line: first,
        }
    }

    /// The next row; `None` after the last.
    fn row(&mut self) -> Result<Option<SheetRow>, Fault> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        self.number += 1;
        let mut cells = Vec::new();
        loop {
            if cells.len() >= MOST_COLUMNS {
                let why = format!("The row has more than {MOST_COLUMNS} cells.");
                return Err(Fault::of_row(self.number, why));
            }
            let bytes = self.cell(cells.len())?;
            let text = String::from_utf8(bytes).map_err(|error| self.not_utf8(cells.len(), error.as_bytes()))?;
            cells.push(Cell::text(text));
            match self.next() {
                Some(byte) if byte == self.separator => {}
                Some(b'\r') => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    break;
                }
                // A line's end, or the file's.
                _ => break,
            }
        }
        self.line += 1;
        Ok(Some(SheetRow {
            number: self.number,
            cells,
        }))
    }

    /// The bytes of a cell, up to what ends it.
    fn cell(&mut self, column: usize) -> Result<Vec<u8>, Fault> {
        if self.peek() == Some(b'"') {
            return self.quoted(column);
        }
        let rest = &self.bytes[self.at..];
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\r' | b'\n');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += length;
        Ok(rest[..length].to_vec())
    }

    fn quoted(&mut self, column: usize) -> Result<Vec<u8>, Fault> {
        let line = self.line;
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.next() {
                Some(b'"') if self.peek() == Some(b'"') => {
                    self.at += 1;
                    text.push(b'"');
                }
                Some(b'"') => break,
                Some(byte) => {
                    self.line += u32::from(byte == b'\n');
                    text.push(byte);
                }
                None => {
                    let why = format!("The quote that opens this cell is never closed{}.", self.told(line));
                    return Err(Fault::of_cell(self.number, column, why));
                }
            }
        }
        match self.peek() {
            Some(byte) if byte != self.separator && !matches!(byte, b'\r' | b'\n') => {
                let why = format!(
                    "Text follows the quote that closes this cell{}. A quote within a cell is written twice.",
                    self.told(line)
                );
                Err(Fault::of_cell(self.number, column, why))
            }
            _ => Ok(text),
        }
    }

    /// The line of the file, where cells with several lines make it another number than the row's.
    fn told(&self, line: u32) -> String {
        if line == self.number {
            String::new()
        } else {
            format!(" (line {line} of the file)")
        }
    }

    fn not_utf8(&self, column: usize, bytes: &[u8]) -> Fault {
        let shown = String::from_utf8_lossy(bytes).chars().take(40).collect::<String>();
        let why = format!(
            "‘{shown}’ is not UTF-8, so nobody can know which letters are meant. Save the file as ‘CSV UTF-8’ or as a \
             workbook (.xlsx) and send that."
        );
        Fault::of_cell(self.number, column, why)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        let sheet = read(text.as_bytes()).expect("a table");
        let cells = |row: SheetRow| row.cells.into_iter().map(|cell| cell.text).collect();
        sheet.rows.into_iter().map(|row| (row.number, cells(row))).collect()
    }

    fn refused(bytes: &[u8]) -> String {
        read(bytes).expect_err("refused").to_string()
    }

    #[test]
    fn commas_semicolons_and_tabs_are_told_by_the_headings() {
        for separator in [',', ';', '\t'] {
            let text = "Key|Name\r\na|\"A, B; C\tand \"\"D\"\"\nE\"\r\n".replace('|', &separator.to_string());
            let name = "A, B; C\tand \"D\"\nE".to_owned();
            assert_eq!(
                rows(&text),
                [(1, vec!["Key".into(), "Name".into()]), (2, vec!["a".into(), name])]
            );
        }
        assert_eq!(rows("sep=;\r\nKey;Name\r\n")[0], (2, vec!["Key".into(), "Name".into()]));
    }

    #[test]
    fn blank_rows_are_left_out_and_counted() {
        let read = rows("\nKey,Name\n,\n\na,A");
        assert_eq!(read.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_where_it_opens() {
        assert_eq!(
            refused(b"Key,Name\na,A\nb,\"B\nc,C\n"),
            "Row 3, column B: The quote that opens this cell is never closed."
        );
        let told = refused(b"Key,Name\na,\"A\nA\"\nb,\"B\nc,\"C\"\n");
        assert!(
            told.starts_with("Row 3, column B: Text follows the quote that closes this cell (line 4 of the file)."),
            "{told}"
        );
    }

    #[test]
    fn a_cell_that_is_not_utf8_is_named() {
        let told = refused(b"Key;Name\nzh;Z\xfcrich\n");
        assert!(
            told.starts_with("Row 2, column B: ‘Z\u{fffd}rich’ is not UTF-8"),
            "{told}"
        );
    }

    #[test]
    fn a_row_without_end_is_named() {
        let wide = format!("Key\n{}", ",".repeat(3_000_000));
        assert!(refused(wide.as_bytes()).starts_with("Row 2: The row has more than 64 cells"));
    }

    proptest! {
        #[test]
        fn what_a_writer_writes_is_read(table in proptest::collection::vec(proptest::collection::vec(".{0,12}", 3), 1..6)) {
            let mut writer = csv::Writer::from_writer(b"Key,Name,Type\n".to_vec());
            for row in &table {
                writer.write_record(row).expect("written");
            }
            let bytes = writer.into_inner().expect("bytes");
            let sheet = read(&bytes).expect("a table");
            let filled = table.iter().filter(|row| !row.iter().all(|text| text.trim().is_empty()));
            let wanted = filled.cloned().collect::<Vec<_>>();
            let read = sheet.rows[1..].iter().map(|row| row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>());
            prop_assert_eq!(read.collect::<Vec<_>>(), wanted);
        }
    }
}
