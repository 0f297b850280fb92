//! Which rule decided about an order, or had a person asked.

use crate::desk::rules;
use crate::store::orders::OrderRow;
use crate::store::rule_sets;
use crate::store::{Conn, Error};

/// The rule, as it was then.
pub(super) struct RuleNote {
    /// Its number then.
    pub(super) number: i64,
    /// Its name then.
    pub(super) name: String,
    /// `version 4 of this customer’s rules`.
    pub(super) version: String,
    /// Where that version is shown.
    pub(super) url: String,
    /// It had a person asked.
    pub(super) asked: bool,
}

impl RuleNote {
    pub(super) async fn read(conn: &mut Conn, order: &OrderRow) -> Result<Option<Self>, Error> {
        let (Some(id), Some(number)) = (order.rule_set_id, order.rule_number) else {
            return Ok(None);
        };
        let Some(set) = rule_sets::find(conn, id).await? else {
            return Ok(None);
        };
        let whose = if set.customer_id.is_some() {
            "this customer’s rules"
        } else {
            "the rules for all customers"
        };
        Ok(Some(Self {
            number,
            name: order.rule_name.clone().unwrap_or_default(),
            version: format!("version {} of {whose}", set.number),
            url: format!("{}/versions/{}", rules::base(set.customer_id), set.number),
            asked: order.hold_else.is_some(),
        }))
    }
}
