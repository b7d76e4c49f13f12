// SPDX-License-Identifier: GPL-2.0-or-later
//
// make_sample_pcaps OUT [NAME...]                       writes the captures
// make_sample_pcaps --recut SEED OUT [NAME...]          the same bytes in other segments
// make_sample_pcaps --recut SEED --shuffle OUT [NAME...]  and these in another order
// make_sample_pcaps --table                             prints the table for README.md
// make_sample_pcaps --truth                             prints what happened in each capture
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "scenario.h"

namespace {

using smtp_session::scenarios::all_scenarios;
using smtp_session::scenarios::Capture;
using smtp_session::scenarios::Scenario;

int usage() {
  std::cerr << "usage: make_sample_pcaps [--recut SEED [--shuffle]] OUT [NAME...]\n"
               "       make_sample_pcaps --table | --truth\n";
  return 2;
}

void print_table(const std::vector<Scenario>& scenarios) {
  std::cout << "| file | what it shows |\n|---|---|\n";
  for (const Scenario& each : scenarios) {
    std::cout << "| `" << each.name << ".pcap` | " << each.description << " |\n";
  }
}

void print_truth(const std::vector<Scenario>& scenarios) {
  for (const Scenario& each : scenarios) {
    std::cout << "== " << each.name << "\n" << each.truth << "\n";
  }
}

int run(std::vector<std::string> arguments) {
  const std::vector<Scenario> scenarios = all_scenarios();
  const auto take = [&](const char* option) {
    const auto it = std::find(arguments.begin(), arguments.end(), option);
    if (it == arguments.end()) return false;
    arguments.erase(it);
    return true;
  };
  if (take("--table")) {
    print_table(scenarios);
    return 0;
  }
  if (take("--truth")) {
    print_truth(scenarios);
    return 0;
  }

  std::optional<Capture::Recut> recut;
  const bool shuffled = take("--shuffle");
  const auto option = std::find(arguments.begin(), arguments.end(), "--recut");
  if (option != arguments.end()) {
    if (option + 1 == arguments.end()) return usage();
    recut = Capture::Recut{static_cast<std::uint32_t>(std::stoul(*(option + 1))), shuffled};
    arguments.erase(option, option + 2);
  }
  if (arguments.empty() || arguments[0].front() == '-' || (shuffled && !recut)) return usage();

  const std::filesystem::path out = arguments[0];
  const std::vector<std::string> names(arguments.begin() + 1, arguments.end());
  for (const std::string& name : names) {
    if (std::none_of(scenarios.begin(), scenarios.end(),
                     [&](const Scenario& each) { return each.name == name; })) {
      std::cerr << "make_sample_pcaps: no scenario " << name << "\n";
      return 2;
    }
  }
  std::filesystem::create_directories(out);
  for (const Scenario& each : scenarios) {
    if (!names.empty() && std::find(names.begin(), names.end(), each.name) == names.end()) continue;
    Capture capture;
    if (recut) capture.use_recut(*recut);
    each.build(capture);
    capture.write((out / (each.name + ".pcap")).string());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "make_sample_pcaps: " << error.what() << "\n";
    return 1;
  }
}
