// SPDX-License-Identifier: GPL-2.0-or-later
//
// A session as an event of the Elastic Common Schema (ECS 8.11): its names where it has one, what
// it has none for under "smtp_session".
#pragma once

#include "dissector/report/json_value.h"
#include "dissector/report/json_writer.h"
#include "dissector/session.h"

namespace smtp_session {

/// `json` is the session as write_json() tells it, with the ids in the headers; its addresses may
/// be hidden.
void write_ecs(const Session& session, const JsonValue& json, JsonWriter& writer);

}  // namespace smtp_session
