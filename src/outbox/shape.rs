//! The shape of what was sent: keys and types, no values. It tells what was in a body without keeping anybody's data.

use serde_json::{Map, Value};

/// The shape of a body: texts become `text`, numbers `number`, and so on; a list keeps each shape in it once.
pub(super) fn of(value: &Value) -> Value {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(_) => "yes or no".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => {
            let mut shapes: Vec<Value> = Vec::new();
            for shape in items.iter().map(of) {
                if !shapes.contains(&shape) {
                    shapes.push(shape);
                }
            }
            Value::Array(shapes)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), of(value)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_shape_holds_no_value() {
        let body = json!({
            "status": "COMPLETED", "score": 87.5,
            "attributes": [{"label": "A", "value": "B"}, {"label": "C", "value": "D"}], "remote_fields": null
        });
        let shape = json!({
            "status": "text", "score": "number",
            "attributes": [{"label": "text", "value": "text"}], "remote_fields": "nothing"
        });
        assert_eq!(of(&body), shape);
    }
}
