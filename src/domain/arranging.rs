//! Putting a list in order by hand: what stands where afterwards.

/// Those `picked` stand together, in the order that they have, and the first of them at `place`, counted from 1.
pub fn put_at<T: Copy + PartialEq>(list: &[T], picked: &[T], place: usize) -> Vec<T> {
    let (moving, mut rest): (Vec<T>, Vec<T>) = list.iter().partition(|it| picked.contains(it));
    let at = place.saturating_sub(1).min(rest.len());
    rest.splice(at..at, moving);
    rest
}

/// Each of those `picked` moves one place up, or down; those at the end already stay there.
pub fn step<T: Copy + PartialEq>(list: &[T], picked: &[T], up: bool) -> Vec<T> {
    let mut list = list.to_vec();
    if !up {
        list.reverse();
    }
    for at in 1..list.len() {
        if picked.contains(&list[at]) && !picked.contains(&list[at - 1]) {
            list.swap(at - 1, at);
        }
    }
    if !up {
        list.reverse();
    }
    list
}

/// In the order of `wanted`, which may have been made of an older list: what it lacks comes after, as it stood.
pub fn like<T: Copy + PartialEq>(list: &[T], wanted: &[T]) -> Vec<T> {
    let mut arranged: Vec<T> = Vec::with_capacity(list.len());
    for it in wanted.iter().chain(list) {
        if list.contains(it) && !arranged.contains(it) {
            arranged.push(*it);
        }
    }
    arranged
}

/// With those of `back` that stood in the list `once`, each right after what stood before it then.
pub fn put_back<T: Copy + PartialEq>(list: &[T], once: &[T], back: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    for (at, it) in once.iter().enumerate() {
        if !back.contains(it) || list.contains(it) {
            continue;
        }
        let mut before = once[..at].iter().rev();
        let after = before.find_map(|it| list.iter().position(|own| own == it));
        list.insert(after.map_or(0, |place| place + 1), *it);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn those_picked_go_together_to_a_place() {
        let list = [1, 2, 3, 4, 5];
        assert_eq!(put_at(&list, &[4, 2], 1), [2, 4, 1, 3, 5]);
        assert_eq!(put_at(&list, &[1], 3), [2, 3, 1, 4, 5]);
        assert_eq!(put_at(&list, &[1, 5], 99), [2, 3, 4, 1, 5]);
        assert_eq!(put_at(&list, &[], 2), list);
    }

    #[test]
    fn a_step_leaves_those_at_the_end_where_they_are() {
        let list = [1, 2, 3, 4, 5];
        assert_eq!(step(&list, &[3], true), [1, 3, 2, 4, 5]);
        assert_eq!(step(&list, &[3], false), [1, 2, 4, 3, 5]);
        assert_eq!(step(&list, &[1, 2, 4], true), [1, 2, 4, 3, 5]);
        assert_eq!(step(&list, &[4, 5], false), list);
    }

    #[test]
    fn an_order_made_of_an_older_list_is_kept_as_far_as_it_goes() {
        assert_eq!(like(&[1, 2, 3, 4], &[3, 9, 1]), [3, 1, 2, 4]);
        assert_eq!(put_back(&[1, 3], &[1, 2, 3], &[2]), [1, 2, 3]);
        assert_eq!(put_back(&[3, 1], &[4, 1, 2, 3], &[4, 2]), [4, 3, 1, 2]);
    }

    proptest! {
        #[test]
        fn nothing_comes_and_nothing_goes(
            list in prop::collection::hash_set(0u8..30, 0..20).prop_map(|set| set.into_iter().collect::<Vec<_>>()),
            picked in prop::collection::vec(0u8..30, 0..20),
            place in 0usize..25,
        ) {
            let mut sorted = list.clone();
            sorted.sort_unstable();
            for mut arranged in [
                put_at(&list, &picked, place), step(&list, &picked, true), step(&list, &picked, false), like(&list, &picked),
            ] {
                arranged.sort_unstable();
                prop_assert_eq!(&arranged, &sorted);
            }
        }
    }
}
