//! The first sheet of a workbook (XLSX). What [`super::zipped`] let through is read; what a list of packages cannot mean
//! (formulas, dates, merged cells) is refused by cell.

use crate::domain::catalogue::{Cell, Fault, MOST_COLUMNS, MOST_ROWS, Sheet, SheetRow, letters};
use calamine::{DataRef, Dimensions, Reader as _, SheetVisible, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::Cursor;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the first sheet that can be seen.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let (name, notes) = choose(&book)?;
    let rows = rows(&mut book, &name)?;
    let merged = book.merge_cells_by_sheet_name(&name).map_err(|error| broken(&error))?;
    if let Some(first) = merged.first() {
        return Err(is_merged(*first));
    }
    Ok(Sheet {
        rows,
        notes,
        is_whole: false,
    })
}

fn broken(error: &XlsxError) -> Fault {
    if matches!(error, XlsxError::Password) {
        return Fault::of_file("This workbook is protected with a password. Save it without one and send it again.");
    }
    Fault::of_file(format!("The workbook cannot be read: it is broken ({error})."))
}

/// The sheet that is read, and what is to be said of the others.
fn choose(book: &Book<'_>) -> Result<(String, Vec<String>), Fault> {
    let seen = book.sheets_metadata().iter();
    let seen = seen.filter(|sheet| sheet.visible == SheetVisible::Visible);
    let mut names = seen.map(|sheet| sheet.name.clone());
    let name = names
        .next()
        .ok_or_else(|| Fault::of_file("The workbook has no sheet that can be seen."))?;
    let others = names.map(|name| format!("‘{name}’")).collect::<Vec<_>>();
    let notes = (!others.is_empty()).then(|| {
        format!(
            "Only the first sheet, ‘{name}’, was read. Left out: {}.",
            others.join(", ")
        )
    });
    Ok((name, notes.into_iter().collect()))
}

fn is_merged(range: Dimensions) -> Fault {
    let (row, column) = (range.start.0 + 1, range.start.1 as usize);
    let why = format!(
        "This cell is merged with others, up to {}{}. Take the merging back: nobody can know which row it belongs to.",
        letters(range.end.1 as usize),
        range.end.0 + 1
    );
    Fault::of_cell(row, column, why)
}

fn rows(book: &mut Book<'_>, name: &str) -> Result<Vec<SheetRow>, Fault> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| broken(&error))?;
    let mut rows = BTreeMap::<u32, Vec<Cell>>::new();
    while let Some(record) = cells
        .next_cell_with_formula_metadata()
        .map_err(|error| broken(&error))?
    {
        let (row, column) = (record.pos.0 + 1, record.pos.1 as usize);
        let cell = if record.formula.is_some() {
            Cell::refused("This cell holds a formula. Replace it by its value (copy, then paste as values).")
        } else {
            cell(&record.value)
        };
        if cell.text.trim().is_empty() && cell.fault.is_none() {
            continue;
        }
        if column >= MOST_COLUMNS {
            let why = format!("Only the first {MOST_COLUMNS} columns may hold something.");
            return Err(Fault::of_cell(row, column, why));
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize_with(column + 1, Cell::default);
        }
        cells[column] = cell;
        if rows.len() > MOST_ROWS + 1 {
            break;
        }
    }
    let rows = rows.into_iter().map(|(number, cells)| SheetRow { number, cells });
    Ok(rows.collect())
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::String(text) => Cell::text(text.as_str()),
        DataRef::SharedString(text) => Cell::text(*text),
        DataRef::Int(number) => Cell {
            is_number: true,
            ..Cell::text(number.to_string())
        },
        DataRef::Float(number) => in_figures(*number),
        DataRef::Bool(truth) => Cell::text(if *truth { "yes" } else { "no" }),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::refused(
            "This cell holds a date or a time: spreadsheets make one of texts like ‘3-4’. Format the cell as text and \
             type it again.",
        ),
        DataRef::Error(error) => Cell::refused(format!("This cell holds the error {error}.")),
    }
}

/// A number as the spreadsheet shows it: with the fifteen figures that it keeps.
fn in_figures(number: f64) -> Cell {
    if !number.is_finite() || number.abs() >= 1e15 {
        return Cell::refused("This number has more figures than a spreadsheet keeps. Format the cell as text.");
    }
    let kept = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    Cell {
        is_number: true,
        ..Cell::text(kept.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Formula, Workbook};

    fn saved(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(&mut book);
        book.save_to_buffer().expect("a workbook")
    }

    fn cells(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        let sheet = read(bytes).expect("a sheet");
        let told = |cell: Cell| cell.fault.unwrap_or(cell.text);
        let row = |row: SheetRow| (row.number, row.cells.into_iter().map(told).collect());
        sheet.rows.into_iter().map(row).collect()
    }

    #[test]
    fn numbers_are_read_as_they_are_shown_and_texts_as_they_are() {
        let bytes = saved(|book| {
            let sheet = book.add_worksheet();
            for (column, number) in [7.0, 0.1 + 0.2, 12.5, 1e15].into_iter().enumerate() {
                let column = u16::try_from(column).expect("few");
                sheet.write_number(2, column, number).expect("written");
            }
            sheet
                .write_string(4, 1, "_x0041_ =1+1 \u{1f388}\nzwei")
                .expect("written");
            sheet.write_boolean(4, 2, true).expect("written");
        });
        let read = cells(&bytes);
        assert_eq!(read[0].0, 3);
        assert_eq!(read[0].1[..3], ["7", "0.3", "12.5"]);
        assert!(read[0].1[3].contains("more figures"));
        assert_eq!(
            read[1],
            (
                5,
                vec![String::new(), "_x0041_ =1+1 \u{1f388}\nzwei".into(), "yes".into()]
            )
        );
    }

    #[test]
    fn formulas_dates_and_merged_cells_are_refused() {
        let bytes = saved(|book| {
            let sheet = book.add_worksheet();
            sheet.write_formula(0, 0, Formula::new("=1+1")).expect("written");
            let day = Format::new().set_num_format("d mmm yyyy");
            sheet.write_number_with_format(0, 1, 45_000, &day).expect("written");
        });
        let read = cells(&bytes);
        assert!(
            read[0].1[0].contains("a formula") && read[0].1[1].contains("a date"),
            "{read:?}"
        );
        let bytes = saved(|book| {
            let sheet = book.add_worksheet();
            sheet.merge_range(1, 1, 3, 1, "both", &Format::new()).expect("merged");
        });
        let told = super::read(&bytes).expect_err("refused").to_string();
        assert!(
            told.starts_with("Row 2, column B: This cell is merged with others, up to B4."),
            "{told}"
        );
    }

    #[test]
    fn only_the_first_sheet_that_can_be_seen_is_read() {
        let bytes = saved(|book| {
            book.add_worksheet().set_name("Old").expect("a name").set_hidden(true);
            let sheet = book.add_worksheet().set_name("Packages").expect("a name");
            sheet.set_active(true).write_string(0, 0, "Key").expect("written");
            book.add_worksheet().set_name("Notes").expect("a name");
        });
        let sheet = read(&bytes).expect("a sheet");
        assert_eq!(sheet.rows[0].cells[0].text, "Key");
        assert_eq!(
            sheet.notes,
            ["Only the first sheet, ‘Packages’, was read. Left out: ‘Notes’."]
        );
    }
}
