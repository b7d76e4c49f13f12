// SPDX-License-Identifier: GPL-2.0-or-later
//
// How text for a person is to look: what the terminal and the user's settings say.
#pragma once

#include "dissector/report/text_style.h"

namespace smtp_session::ws {

/// Colours on a terminal, unless the variable NO_COLOR is set (https://no-color.org); local time
/// where tshark was told to show it (-t a, ad, adoy), else UTC.
TextStyle text_style();

}  // namespace smtp_session::ws
