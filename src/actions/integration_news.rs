//! News about an integration.
use crate::actions::Error;
use crate::actions::work::Work;
use crate::domain::ids::CustomerId;
use crate::kombo::wire::Event;
/// What was made of it.
#[derive(Debug)]
pub struct Heard {
    /// Acted.
    pub acted: bool,
    /// Why.
    pub why: Option<String>,
    /// Whose.
    pub customer_id: Option<CustomerId>,
}
/// Hears.
pub async fn hear(_work: &mut Work, _event: &Event) -> Result<Heard, Error> {
    Ok(Heard {
        acted: false,
        why: None,
        customer_id: None,
    })
}
