//! Route tables: the VPC has one, its main one, whose way out is an internet gateway.

use super::filter::Filters;
use super::{ids, paged, refused};
use crate::simulator::call::Call;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;

const KIND: (&str, (&str, &str), &str) =
    ("rtb-", ("InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed"), "routeTable ID");
const FILTERS: [&str; 4] = ["route-table-id", "vpc-id", "association.subnet-id", "association.main"];

/// An id of the VPC's own, of another kind.
fn id(world: &World, prefix: &str) -> String {
    format!("{prefix}{}", world.scenario.vpc.trim_start_matches("vpc-"))
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    if let Some(most @ 101..) = form.get("MaxResults").and_then(|text| text.parse::<u32>().ok()) {
        let message = format!("Value ( {most} ) for parameter maxResults is invalid. Expecting a value from 5 to 100.");
        return Err(refused("InvalidParameterValue", message));
    }
    let here = call.region == world.scenario.region;
    let table = id(world, "rtb-");
    let named = ids(form, "RouteTableId", KIND, |id| here && id == table)?;
    let filters = Filters::of(form, &FILTERS)?;
    let has = |name: &str| match name {
        "route-table-id" => vec![table.clone()],
        "vpc-id" => vec![world.scenario.vpc.clone()],
        "association.main" => vec!["true".to_owned()],
        // No subnet is associated by itself.
        _ => Vec::new(),
    };
    let all: Vec<()> = (here && filters.keep(has)).then_some(()).into_iter().collect();
    paged(form, ("routeTableSet", !named.is_empty()), &all, |()| item(world))
}

fn item(world: &World) -> Element {
    let route = |to: &str, by: &str, origin: &str| {
        Element::Nest(
            "item",
            vec![
                Element::text("destinationCidrBlock", to),
                Element::text("gatewayId", by),
                Element::text("state", "active"),
                Element::text("origin", origin),
            ],
        )
    };
    let association = vec![
        Element::text("routeTableAssociationId", id(world, "rtbassoc-")),
        Element::text("routeTableId", id(world, "rtb-")),
        Element::text("main", "true"),
        Element::Nest("associationState", vec![Element::text("state", "associated")]),
    ];
    Element::Nest(
        "item",
        vec![
            Element::text("routeTableId", id(world, "rtb-")),
            Element::text("vpcId", &world.scenario.vpc),
            Element::text("ownerId", &world.scenario.account),
            Element::Nest(
                "routeSet",
                vec![
                    route("10.20.0.0/16", "local", "CreateRouteTable"),
                    route("0.0.0.0/0", &id(world, "igw-"), "CreateRoute"),
                ],
            ),
            Element::Nest("associationSet", vec![Element::Nest("item", association)]),
            Element::Nest("propagatingVgwSet", Vec::new()),
            Element::Nest("tagSet", Vec::new()),
        ],
    )
}
