# SPDX-License-Identifier: GPL-2.0-or-later
"""A score that cannot fail would say nothing: what it counts, and what it must object to."""

import contextlib
import io
import unittest

from score import Score, turns


def blind(*frames_and_names):
    return {"last_frame": 99, "commands": [
        {"verb": None, "frame": frame, "inferred": name, "confidence": confidence}
        for frame, name, confidence in frames_and_names]}


def read(*frames_and_verbs, auth_reply=0):
    return {"commands": [
        {"verb": verb, "frame": frame, "encrypted": True,
         **({"reply_frame": auth_reply} if verb == "AUTH" else {})}
        for frame, verb in frames_and_verbs]}


def said(without, with_keys):
    return [turn[0] for turn in turns(without, with_keys)]


def calibration(pairs):
    score = Score("test")
    score.pairs = pairs
    with contextlib.redirect_stdout(io.StringIO()):
        return score.print_calibration()


class ScoreTest(unittest.TestCase):
    def test_a_group_is_named_by_its_commands_each_once(self):
        self.assertEqual(
            said(blind((10, "x", 1)), read((10, "MAIL"), (10, "RCPT"), (10, "RCPT"), (11, "DATA"))),
            ["MAIL+RCPT+DATA"])

    def test_a_message_belongs_to_the_turn_in_which_it_ends(self):
        self.assertEqual(said(blind((10, "x", 1), (20, "y", 1)), read((15, "."), (20, "QUIT"))),
                         [".", "QUIT"])

    def test_later_lines_of_auth_are_responses(self):
        self.assertEqual(
            said(blind((10, "x", 1), (12, "y", 1), (14, "z", 1)),
                 read((10, "AUTH"), (14, "MAIL"), auth_reply=13)),
            ["AUTH", "AUTH response", "MAIL"])

    def test_a_turn_where_nothing_was_said_is_told(self):
        self.assertEqual(said(blind((10, "x", 1), (12, "y", 1)), read((10, "MAIL"))), ["MAIL", "?"])

    def test_wrong_and_missing_names_are_not_right(self):
        score = Score("test")
        score.add(blind((10, "MAIL", 0.9), (12, "DATA", 0.9)), read((10, "MAIL"), (12, "RCPT")))
        self.assertEqual((score.right(), score.accuracy()), (1, 0.5))
        without = {"last_frame": 9, "commands": [{"verb": None, "frame": 1}]}
        score = Score("test")
        score.add(without, read((1, "MAIL")))
        self.assertEqual(score.right(), 0)

    def test_confidence_above_what_is_right_is_objected_to(self):
        pairs = [("MAIL", "MAIL", 0.99)] * 80 + [("MAIL", "RCPT", 0.99)] * 20
        self.assertTrue(calibration(pairs))

    def test_confidence_below_what_is_right_is_objected_to(self):
        self.assertTrue(calibration([("MAIL", "MAIL", 0.6)] * 200))

    def test_confidence_that_is_kept_is_accepted(self):
        pairs = [("MAIL", "MAIL", 0.8)] * 82 + [("MAIL", "RCPT", 0.8)] * 18
        self.assertEqual(calibration(pairs), [])


unittest.main()
