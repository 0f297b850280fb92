//! From rows of cells to a table whose columns are known.

use super::{Cell, Column, Fault, LONGEST_CELL, MOST_ROWS, Sheet, SheetRow, Upload, UploadRow, unguarded};
use std::collections::HashMap;

/// What the sheet says, row by row; what is wrong with single rows stands with them.
///
/// # Errors
/// What is wrong with the file as a whole: then nothing can be said of its rows.
pub fn arrange(sheet: Sheet) -> Result<Upload, Vec<Fault>> {
    let Sheet { rows, notes, is_whole } = sheet;
    let mut rows = rows.into_iter();
    let head = rows.next().ok_or_else(|| vec![Fault::of_file("The file is empty.")])?;
    let rows = rows.collect::<Vec<_>>();
    let columns = columns(&head, &rows)?;
    if rows.is_empty() {
        let why = "There is no row below the headings.";
        return Err(vec![Fault::of_row(head.number, why)]);
    }
    if let Some(row) = rows.get(MOST_ROWS) {
        let why = "This is one row too many: a file may have 5,000. Send it in parts.";
        return Err(vec![Fault::of_row(row.number, why)]);
    }
    let mut upload = Upload {
        columns,
        rows: Vec::with_capacity(rows.len()),
        notes,
    };
    let width = if is_whole { head.cells.len() } else { 0 };
    for row in rows {
        let row = arranged(&upload.columns, row, width);
        upload.rows.push(row);
    }
    tell_twins(&mut upload);
    Ok(upload)
}

fn columns(head: &SheetRow, rows: &[SheetRow]) -> Result<Vec<(Column, usize)>, Vec<Fault>> {
    let (mut columns, mut faults) = (Vec::<(Column, usize)>::new(), Vec::new());
    for (place, cell) in head.cells.iter().enumerate() {
        let mut refuse = |why: String| faults.push(Fault::of_cell(head.number, place, why));
        let heading = cell.text.trim();
        match (&cell.fault, Column::titled(heading)) {
            (Some(why), _) => refuse(why.clone()),
            (None, Some(column)) => match columns.iter().find(|(own, _)| *own == column) {
                Some((_, first)) => refuse(format!(
                    "The heading ‘{heading}’ stands in column {} already.",
                    super::letters(*first)
                )),
                None => columns.push((column, place)),
            },
            (None, None) if heading.is_empty() => {
                let below = rows
                    .iter()
                    .any(|row| row.cells.get(place).is_some_and(|cell| !cell.is_blank()));
                if below {
                    refuse("This column has cells, but no heading.".to_owned());
                }
            }
            (None, None) => refuse(format!("‘{}’ is no column of the catalogue.", short(heading))),
        }
    }
    if !columns.iter().any(|(column, _)| *column == Column::Key) {
        let why = "The column ‘Key’ is missing. A row finds its package by it.";
        faults.insert(0, Fault::of_row(head.number, why));
    }
    if faults.is_empty() {
        return Ok(columns);
    }
    let known = Column::ALL.iter().map(|column| column.label()).collect::<Vec<_>>();
    let why = format!("The columns that are known: {}.", known.join(", "));
    faults.push(Fault::of_file(why));
    Err(faults)
}

fn arranged(columns: &[(Column, usize)], row: SheetRow, width: usize) -> UploadRow {
    let SheetRow { number, mut cells } = row;
    let mut arranged = UploadRow {
        number,
        ..UploadRow::default()
    };
    for (column, place) in columns {
        let cell = cells.get_mut(*place).map(std::mem::take);
        let refused = |why: &str| Fault::of_cell(number, *place, why).under(column.label());
        if cell.is_none() && *place < width {
            let why = "The row ends before this cell. Where a cell is to be empty, its separator must stand there.";
            arranged.faults.push(refused(why));
        }
        let cell = cell.unwrap_or_default();
        if *column == Column::Key && cell.is_number {
            arranged.notes.push(format!(
                "The key is a number in the file and read as ‘{}’. If it begins with zeros, write it as text.",
                cell.text
            ));
        }
        let text = text(&cell).unwrap_or_else(|why| {
            arranged.faults.push(refused(&why));
            String::new()
        });
        arranged.cells.push(text);
    }
    let left = cells
        .iter()
        .enumerate()
        .find(|(place, cell)| !cell.is_blank() && !columns.iter().any(|(_, own)| own == place));
    if let Some((place, _)) = left {
        let why = "No heading stands above this cell. A text that holds the separator must stand in quotes.";
        arranged.faults.push(Fault::of_cell(number, place, why));
    }
    arranged
}

/// What the cell says, without its guard.
fn text(cell: &Cell) -> Result<String, String> {
    if let Some(why) = &cell.fault {
        return Err(why.clone());
    }
    let length = cell.text.chars().count();
    if length > LONGEST_CELL {
        return Err(format!("{length} characters are too many for any field."));
    }
    let text = cell.text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(bad) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(format!(
            "This holds a character that cannot be kept (U+{:04X}).",
            u32::from(bad)
        ));
    }
    Ok(unguarded(text.trim()).trim().to_owned())
}

/// Refuses rows that have the same key: nobody can say which is meant.
fn tell_twins(upload: &mut Upload) {
    let Some(place) = upload.place(Column::Key) else { return };
    let mut rows = HashMap::<String, Vec<usize>>::new();
    for (at, row) in upload.rows.iter().enumerate() {
        let key = upload.cell(row, Column::Key).unwrap_or_default();
        if !key.is_empty() {
            rows.entry(key.to_owned()).or_default().push(at);
        }
    }
    for (key, twins) in rows.into_iter().filter(|(_, rows)| rows.len() > 1) {
        for at in &twins {
            let other = if at == &twins[0] { twins[1] } else { twins[0] };
            let other = upload.rows[other].number;
            let row = &mut upload.rows[*at];
            let why = format!(
                "The key ‘{}’ stands in row {other}, too. Each package has one row.",
                short(&key)
            );
            row.faults
                .push(Fault::of_cell(row.number, place, why).under(Column::Key.label()));
        }
    }
}

/// Enough of a text to know it again.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let row = |(at, cells): (usize, &&[&str])| SheetRow {
            number: u32::try_from(at).expect("few") + 1,
            cells: cells.iter().map(|text| Cell::text(*text)).collect(),
        };
        Sheet {
            rows: rows.iter().enumerate().map(row).collect(),
            notes: Vec::new(),
            is_whole: true,
        }
    }

    fn refused(rows: &[&[&str]]) -> Vec<String> {
        let faults = arrange(sheet(rows)).expect_err("refused");
        faults.iter().map(ToString::to_string).collect()
    }

    fn faults(rows: &[&[&str]]) -> Vec<String> {
        let upload = arrange(sheet(rows)).expect("a table");
        let faults = upload.rows.iter().flat_map(|row| &row.faults);
        faults.map(ToString::to_string).collect()
    }

    #[test]
    fn columns_stand_in_any_order_and_some_may_be_missing() {
        let upload = arrange(sheet(&[&["name", "", "KEY"], &[" A ", "", "a"], &["'=B", "", "b"]])).expect("a table");
        assert_eq!(upload.columns, [(Column::Name, 0), (Column::Key, 2)]);
        assert_eq!(upload.rows[0].cells, ["A", "a"]);
        assert_eq!(upload.cell(&upload.rows[1], Column::Name), Some("=B"));
        assert_eq!(upload.cell(&upload.rows[1], Column::Tags), None);
    }

    #[test]
    fn headings_that_are_unknown_missing_or_twice_are_named() {
        let told = refused(&[&["Name", "Price", "name"], &["A", "3", "B"]]);
        assert_eq!(
            told[0],
            "Row 1: The column ‘Key’ is missing. A row finds its package by it."
        );
        assert_eq!(told[1], "Row 1, column B: ‘Price’ is no column of the catalogue.");
        assert_eq!(
            told[2],
            "Row 1, column C: The heading ‘name’ stands in column A already."
        );
        assert!(told[3].contains("Hours until due"));
        assert_eq!(
            refused(&[&["Key", ""], &["a", "b"]])[0],
            "Row 1, column B: This column has cells, but no heading."
        );
        assert_eq!(refused(&[&["Key"]]), ["Row 1: There is no row below the headings."]);
        assert_eq!(refused(&[]), ["The file is empty."]);
    }

    #[test]
    fn rows_that_are_too_short_or_too_long_are_named() {
        let told = faults(&[&["Key", "Name"], &["a"], &["b", "B", "what"]]);
        assert!(told[0].starts_with("Row 2, column B (Name): The row ends"), "{told:?}");
        assert!(told[1].starts_with("Row 3, column C: No heading"), "{told:?}");
    }

    #[test]
    fn cells_that_cannot_be_kept_are_named() {
        let long = "x".repeat(LONGEST_CELL + 1);
        let told = faults(&[&["Key", "Name"], &["a", "A\u{7}"], &["b", &long]]);
        assert_eq!(
            told[0],
            "Row 2, column B (Name): This holds a character that cannot be kept (U+0007)."
        );
        assert!(
            told[1].starts_with("Row 3, column B (Name): 4001 characters"),
            "{told:?}"
        );
    }

    #[test]
    fn rows_with_one_key_name_each_other() {
        let told = faults(&[&["Key"], &["a"], &["b"], &["a"]]);
        assert!(
            told[0].starts_with("Row 2, column A (Key): The key ‘a’ stands in row 4, too."),
            "{told:?}"
        );
        assert!(
            told[1].starts_with("Row 4, column A (Key): The key ‘a’ stands in row 2, too."),
            "{told:?}"
        );
    }

    #[test]
    fn one_row_too_many_is_named() {
        let rows = std::iter::once(vec!["Key".to_owned()]).chain((0..=MOST_ROWS).map(|at| vec![format!("k{at}")]));
        let rows = rows.enumerate().map(|(at, cells)| SheetRow {
            number: u32::try_from(at).expect("few") + 1,
            cells: cells.into_iter().map(Cell::text).collect(),
        });
        let sheet = Sheet {
            rows: rows.collect(),
            ..Sheet::default()
        };
        let told = arrange(sheet).expect_err("refused")[0].to_string();
        assert!(told.starts_with("Row 5002: This is one row too many"), "{told}");
    }
}
