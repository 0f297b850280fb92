//! The part of a customer's form that rules ask about: time zone, business hours, orders left.

use crate::domain::customer::CustomerTerms;
use crate::domain::hours::{BusinessHours, DAYS};
use crate::store::customers::CustomerRow;
use crate::web::FormState;

/// Fills in how the customer is set now.
pub(super) fn fill(form: &mut FormState, row: &CustomerRow) {
    form.set("time_zone", row.time_zone.as_str());
    let credits = row.credits.map(|left| left.to_string()).unwrap_or_default();
    form.set("credits", credits.as_str());
    form.set("credits_seen", credits);
    for ((day, _), (from, to)) in DAYS.iter().zip(row.hours().unwrap_or_default().typed()) {
        form.set(&format!("{day}_from"), from);
        form.set(&format!("{day}_to"), to);
    }
}

/// What was typed; `None` where it cannot be read (the form then says so).
pub(super) fn read(form: &mut FormState) -> Option<CustomerTerms> {
    if form.value("time_zone").trim().is_empty() {
        form.set("time_zone", "UTC");
    }
    let zone = form.value("time_zone").trim().to_owned();
    let credits = number(form, "credits");
    let seen = number(form, "credits_seen");
    let hours = hours(form);
    Some(CustomerTerms {
        time_zone: zone,
        hours: hours.ok()?,
        credits: credits.ok()?,
        credits_seen: seen.ok()?,
    })
}

/// A number that may be left out; an error where it cannot be read (the form then says so).
fn number(form: &mut FormState, field: &str) -> Result<Option<i64>, ()> {
    if form.value(field).trim().is_empty() {
        return Ok(None);
    }
    let why = "Please give a whole number of orders, or leave it empty.";
    form.parsed(field, why).map(Some).ok_or(())
}

fn hours(form: &mut FormState) -> Result<Option<BusinessHours>, ()> {
    let typed = DAYS.map(|(day, _)| {
        let time = |end: &str| form.value(&format!("{day}_{end}")).to_owned();
        (time("from"), time("to"))
    });
    let read = BusinessHours::read(std::array::from_fn(|day| {
        (typed[day].0.as_str(), typed[day].1.as_str())
    }));
    match read {
        Ok(hours) => Ok(hours),
        Err(faults) => {
            for (field, why) in faults {
                form.refuse(field, why);
            }
            Err(())
        }
    }
}
