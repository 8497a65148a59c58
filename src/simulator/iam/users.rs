//! Users, and their passwords for the console.

use super::{named, no_such, user};
use crate::simulator::call::Call;
use crate::simulator::caller::Service;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;

pub(super) fn get(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = named(call, form)?.to_owned();
    let (arn, made) = (world.user_arn(&name), seconds(world.account.made));
    let id = user(world, &name)?.id.clone();
    Ok(vec![Element::Nest(
        "User",
        vec![
            Element::text("Path", "/"),
            Element::text("UserName", &name),
            Element::text("UserId", id),
            Element::text("Arn", arn),
            Element::text("CreateDate", made),
        ],
    )])
}

fn no_profile(name: &str) -> Failure {
    no_such(format!("Login Profile for User {name} cannot be found."))
}

pub(super) fn login_profile(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = named(call, form)?.to_owned();
    let made = seconds(world.account.made);
    if !user(world, &name)?.console {
        return Err(no_profile(&name));
    }
    Ok(vec![Element::Nest(
        "LoginProfile",
        vec![
            Element::text("UserName", &name),
            Element::text("CreateDate", made),
            Element::text("PasswordResetRequired", "false"),
        ],
    )])
}

pub(super) fn delete_login_profile(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::Iam, "UserName")?.to_owned();
    match std::mem::take(&mut user(world, &name)?.console) {
        true => Ok(Vec::new()),
        false => Err(no_profile(&name)),
    }
}
