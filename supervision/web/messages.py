"""Every refusal's code and its sentence; the one place where rules become words."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from supervision.kernel.errors import Refusal
from supervision.web import dates

SENTENCES = {
    "password_short": _l("That is too short: at least %(least)s characters."),
    "password_long": _l("At most %(most)s characters."),
    "sign_in_failed": _l("The address and the password do not belong together."),
    "password_wrong": _l("That is not your present password."),
    "factor_wrong": _l("The code is not right, or it has been used. Take the one the app shows now."),
    "recovery_code_wrong": _l("The recovery code is not right, or it has been used."),
    "set_up_old": _l("The page was open too long. Read the new picture, and write the code that the app then shows."),
    "wait": _l("There were many tries. Wait %(seconds)s seconds and try again."),
    "code_wrong": _l("The code is not right, or it is too old. You can ask for a new one."),
    "invitation_used": _l("The link has been used or is too old. Ask for a new one."),
    "ends_before_start": _l("The last day is before the first."),
    "not_prolonged": _l("Choose a day after the present last day."),
    "break_weeks_unreadable": _l("Write weeks as 26-32, 51-1."),
    "role_has_seat": _l(
        "This person has or waits for a seat here, and nobody is in a group with their own manager. They leave first."
    ),
    # the installation
    "came_in_before": _l("They have come in before, so the role stays with their address."),
    "has_come_in": _l("They have come in by now, and need no invitation."),
    "operator_apart": _l("This person keeps the installation running, and stays out of what is in it."),
    "second_steps_own": _l("This is your own address. Another operator does it for you, or you use the command."),
    # passkeys and providers
    "passkeys_many": _l("You have %(most)s passkeys. Remove one that you no longer use first."),
    "passkey_copied": _l("The passkey seems to have been copied. Sign in another way, remove it and make a new one."),
    "passkey_expired": _l("It has taken too long. Press the button once more."),
    "passkey_failed": _l("The passkey did not work. Try once more, or sign in another way."),
    "passkey_known": _l("This passkey is here already."),
    "passkey_not_by_link": _l("You can sign in already. Do so, and make your passkey there."),
    "passkey_of_another": _l("The passkey belongs to another person. Use your own."),
    "passkey_unknown": _l("We do not know this passkey. It may have been removed. Sign in another way."),
    "last_key": _l("You have no password, so your last passkey stays. Make another one first."),
    "last_factor": _l("It is your only second step. Set up another one first."),
    "provider_away": _l("Your organisation's sign-in does not answer. Try again in a while, or sign in another way."),
    "provider_denied": _l("You stopped before it was done. You can try once more."),
    "provider_mail": _l("Your organisation's sign-in gives no verified address that we may use. Sign in another way."),
    "provider_no": _l("Your organisation's sign-in said no. Try once more, or sign in another way."),
    "provider_other": _l(
        "Another account of your organisation is connected with yours here. Sign in another way first."
    ),
    "provider_state": _l("It took too long, or it was begun in another browser. Try once more."),
    "provider_token": _l("The answer of your organisation's sign-in was not right. Try once more."),
    "provider_unknown": _l(
        "Nobody with a role here has your address. Take part in a group? Then sign in with a code by mail. "
        "Otherwise ask whoever invited you."
    ),
    "provider_weak": _l("Here you need to sign in with a second step. Turn it on at your organisation and try again."),
    # privacy
    "erase_not_meant": _l("That is not the address you sign in with."),
    "erase_supervises": _l(
        "You supervise groups that have not ended (%(count)s). End them first; a group cannot be handed over yet."
    ),
    "erase_last_coordinator": _l(
        "You are the only coordinator of %(organisations)s, and groups go on there. "
        "Let somebody else get the role first."
    ),
    # groups
    "already_in_line": _l("You are in this line already."),
    "agreement_changed": _l("The agreement has changed since you opened the page. Read the new version first."),
    "group_closed": _l("The group takes no more sign-ups."),
    "group_status": _l("The group has moved on since you opened the page. Load it again."),
    "group_merging": _l("The group is being merged. Wait until everyone has answered."),
    "leave_first": _l("You have a seat in a group. Leave the group first; that is a step of its own."),
    "list_empty": _l("There is nobody in the list."),
    "many_sendings": _l("You have sent %(most)s lists within an hour. Nobody was written to now; send this one later."),
    "list_too_large": _l("The file is too large. A list of 2,000 people needs less than one megabyte."),
    "list_too_long": _l("At most %(most)s people at a time. Divide the list."),
    "list_unreadable": _l("The file cannot be read. Save it as CSV or XLSX and try again."),
    "list_without_heads": _l("The first row needs the headings Name and E-mail. The template has them."),
    "merge_not_here": _l("These two groups cannot be merged now. Choose another."),
    "merge_seats": _l("%(needed)s people would move, and the other group has %(free)s free seats. Give it more first."),
    "merge_too_near": _l("The other group meets too soon for anyone to answer. Try again after that meeting."),
    "contact_not_member": _l("Only someone with a seat in the group can be its contact person."),
    "own_manager": _l("You lead this workplace, and nobody is in a group that their own manager is in."),
    "review_not_due": _l("The review comes after the third meeting, and once."),
    "no_offer": _l("There is no offer any more. You can join the waiting list again."),
    "no_seat": _l("There is no seat here to give up."),
    "offer_expired": _l("The offer has run out, and the next person is asked. You can join the waiting list again."),
    "seat_already": _l("You have a seat in another group of this assignment. Leave it first."),
    "seats_taken": _l("%(taken)s seats are taken. The group cannot have fewer."),
    "use_password": _l("This address signs in with a password."),
    # cases
    "looks_like_personal_number": _l("This looks like a personal identity number. Take it out, and we save."),
    "text_too_long": _l("At most %(most)s characters."),
    "case_incomplete": _l("Before others see it, it needs a title, what happens, and your question."),
    "case_state": _l("The case has moved on since you opened the page. Load it again."),
    "case_not_yet": _l("The case can be told only once its meeting has begun."),
    "case_meeting": _l("Choose one of the group's coming meetings."),
    "purge_days_out_of_range": _l("Texts can be kept 0 to %(most)s days after the meeting."),
    "presenter_not_present": _l("Someone who told a case is not among those who were there."),
    "more_presenters_than_slots": _l("More people told a case than the meeting had room for."),
    "follow_up_empty": _l("Write what you will try. The rest can stay empty."),
    "turn_closed": _l("No meeting is planned for it now. Load the page again."),
    "not_your_turn": _l("You are not next any more. Load the page again."),
    # notes
    "note_empty": _l("Write something first."),
    "note_too_late": _l("It is 12 months since the group ended. Notes about it are not kept any more."),
    # meetings
    "double_booked": _l("You meet %(group)s then (%(when)s)."),
    "no_travel_time": _l("It is less than %(buffer_min)s minutes from %(group)s in another place (%(when)s)."),
    "date_outside_period": _l("The assignment lasts from %(starts_on)s to %(ends_on)s."),
    "nothing_to_add": _l("There is no date to add until that day."),
    "first_outside_period": _l("The first date is outside the assignment's period."),
    "series_ends_before_start": _l("The first date is after the assignment's last day."),
    "series_step_too_short": _l("There is at least a day between two meetings."),
    "length_too_short": _l("A meeting lasts at least a minute."),
    "country_unknown": _l("We know the public holidays of Sweden and Denmark only."),
    "date_passed": _l("The time has passed already. Choose a later one."),
    "no_dates": _l("Every date is a public holiday or in a break. Choose another first date."),
    "dates_taken": _l("Some of the dates can't be had (%(count)s). See the list, and choose another time or place."),
    "group_name_taken": _l("The assignment has a group with this name. Choose another."),
    "meeting_status": _l("The meeting has moved on since you opened the page. Load it again."),
    "not_moved": _l("This is where it stands already. Choose another day, time or place."),
    "answer_closed": _l("The meeting has begun or is cancelled, so answers are closed."),
    "round_running": _l("The round is running. End it first, then record who was there."),
    "not_begun": _l("The meeting has not begun. Attendance is recorded afterwards."),
    "seats_out_of_range": _l("A group has 4 to 8 seats, and the least is not more than the most."),
    "format_without_case": _l("A format needs at least one case with a phase."),
    "format_name_missing": _l("The name is missing in one of the languages."),
    "format_mode_unknown": _l("The phase has a way of talking that is not known."),
    "format_phase_too_short": _l("Each phase needs some time."),
    "format_minimum_too_long": _l("The least time of a phase is more than its time."),
    "format_sum_wrong": _l("The phases are %(total_min)s minutes together, the meeting is %(length_min)s."),
    "format_unknown": _l("Choose a format from the list."),
    "wishes_do_not_match_cases": _l("The wishes do not fit the number of cases."),
    "unknown_command": _l("This device sent something the round does not know."),
    "command_incomplete": _l("Something was missing in what this device sent. Try once more."),
    "control_elsewhere": _l(
        "Control is on another device, so nothing was changed. Take over here if you want to go on."
    ),
    "start_incomplete": _l("The table is not set yet. Check who is here and who brings a case."),
    "too_few_here": _l("At least two need to be here before the round begins."),
    "presenter_not_here": _l("Choose someone who has a place at the table."),
    "round_not_started": _l("The round has not begun yet."),
    "round_already_started": _l("The round has already begun."),
    "round_paused": _l("The clock is paused. Resume first."),
    "round_not_paused": _l("The clock is already going."),
    "round_ended": _l("The round is over."),
    "unknown_participant": _l("That person has no place at the table."),
    "participant_away": _l("That person is away. Note first that they are back."),
    "participant_not_away": _l("That person is already at the table."),
    "already_has_floor": _l("That person already has the floor."),
    "nobody_has_floor": _l("Nobody has the floor right now."),
    "silent_phase": _l("Everyone writes in silence in this phase."),
    "not_their_phase": _l("In this phase others have the floor. An interposed question is possible."),
    "pass_only_in_round": _l("One stands over in a round. In this phase nobody has to speak."),
    "already_spoken": _l("That person has already had the floor in this round."),
    "already_passed": _l("That person has already stood over twice in this round."),
    "last_phase": _l("This is the last phase. End the meeting when you are done."),
    "phase_already_left": _l("The phase had already been left, so nothing was changed."),
    "phase_not_begun": _l("That phase has not begun yet."),
    "more_than_phase": _l("At most %(possible_s)s seconds fit in that phase."),
    "unknown_case": _l("There is no such case today."),
    "nothing_to_undo": _l("There is nothing to undo."),
    # cover
    "cover_no_planner": _l("Your organisation has no planner here yet. Ask the one who plans your work."),
    "cover_status": _l("The request has moved on since you opened the page. Load it again."),
    "cover_too_late": _l("The time has begun, or the date does not stand. Load the page again."),
    # formation
    "formation_changed": _l("Someone in the pool has changed since. Run it again, and publish the new proposal."),
    "formation_nobody": _l("Nobody waits for a group."),
    "formation_no_times": _l("The supervisor has not said yet when they can lead groups."),
    "formation_published": _l("The proposal is published already. Run it again for a new one."),
    "formation_running": _l("Groups are being formed already. Wait until it is done, or stop it."),
    "formation_seated": _l("This person has the seat, or an offer of it, already."),
    "formation_too_near": _l("The next meeting is too near for anyone to answer. Choose a later first day."),
    "place_twice": _l("A place is there twice."),
    "rule_group_too_small": _l("A group needs more people than that."),
    "rule_group_too_large": _l("The group has no seat left."),
    "rule_not_at_your_times": _l("This person cannot come at the group's time."),
    "rule_place_too_far": _l("This person cannot come to the group's place."),
    "rule_no_shared_language": _l("This person does not speak the group's language."),
    "rule_in_house_supervisor": _l("The supervisor has the same employer."),
    "rule_too_many_of_one_team": _l("There would be too many from one unit in the group."),
    "rule_kept_apart": _l("A wish keeps this person apart from someone in the group."),
    "rule_supervisor_not_free": _l("The supervisor cannot lead this group any more."),
    "rule_supervisor_not_there": _l("The supervisor cannot lead this group any more."),
    "rule_supervisor_lacks_language": _l("The supervisor cannot lead this group any more."),
    "rule_supervisor_twice": _l("The supervisor cannot lead this group any more."),
    "rule_supervisor_has_most_groups": _l("The supervisor cannot lead this group any more."),
    "rule_unknown_supervisor": _l("The supervisor cannot lead this group any more."),
    "rule_no_room": _l("There is no room then."),
    # reminders
    "one_date_over": _l(
        "The link is over: the meeting has begun or been moved, or your seat has ended. Sign in instead."
    ),
    # evaluations
    "already_answered": _l("You have answered already. Your answers are kept sealed until the evaluation closes."),
    "closing_out_of_range": _l("An evaluation is open for %(least)s to %(most)s days."),
    "evaluation_closed": _l("The evaluation has closed and cannot be opened again."),
    "evaluations_too_close": _l("Two evaluations of a group are at least %(days)s days apart."),
    "extension_not_later": _l("The new closing time is after the old one."),
    "floor_too_low": _l("The threshold is %(least)s answers or more."),
    "no_roster": _l("No running group has members yet, so there is nobody to ask."),
    "nothing_answered": _l("Nothing is filled in yet. Answer a statement or more, or leave: nobody is told."),
    "nothing_to_answer": _l("There is nothing to answer yet."),
    "not_in_roster": _l("You were not in the group when the evaluation opened."),
    "questionnaire_changed": _l("Someone else has changed the statements meanwhile. Read them again first."),
    "questionnaire_frozen": _l("An evaluation is open, so its statements are frozen. Change them when it has closed."),
    "statement_changed": _l("The text has changed meanwhile. Read it again first."),
    "too_many_statements": _l("At most %(most)s statements of your own."),
}


def sentence(refusal: Refusal) -> str:
    """Return the refusal's sentence in the reader's language; dates and wall times among its params become words."""
    if not refusal.params:
        return str(SENTENCES[refusal.code])
    return str(SENTENCES[refusal.code]) % {name: _words(value) for name, value in refusal.params.items()}


def _words(value: object) -> object:
    if isinstance(value, datetime):
        return f"{dates.short_day(value.date())} {dates.wall_clock(value)}"
    return dates.long_date(value) if isinstance(value, date) else value
