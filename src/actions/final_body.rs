//! x
use crate::actions::order_steps::Error;
use crate::actions::work::Work;
use crate::domain::order::FinalStatus;
use crate::store::orders::OrderRow;
/// x
pub async fn build(
    _work: &mut Work,
    _order: &OrderRow,
    _status: FinalStatus,
) -> Result<Vec<u8>, Error> {
    Ok(vec![])
}
