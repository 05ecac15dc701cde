import type { Words } from "./zh";

export const en: Words = {
  title: "12345 hotline",
  other_language: "中文",
  theme: { auto: "As the system", light: "Light", dark: "Dark", label: "Appearance" },
  keys: { title: "Keyboard shortcuts", close: "Close", help: "All shortcuts" },
  link: { connecting: "connecting…", live: "live", lost: "disconnected" },
  stale: "This is how it was at {at}; reconnecting. Calls are not affected.",
  session: {
    sign_in: "Sign in", sign_out: "Sign out", name: "Account", secret: "Password",
    first_hint: "First time: account admin; callcenter up prints the one-time password.",
    again: "Your session has expired. Sign in again: everything on the page is still there.",
    must_change: "This is the one-time password: please change it.",
    change: "Change password", old: "Present password", new: "New password (12 or more)", changed: "The password was changed.",
    roles: { admin: "Administrator", shift_manager: "Shift manager", team_leader: "Team leader", qa_reviewer: "Quality reviewer", agent: "Agent", auditor: "Auditor" },
  },
  common: { cancel: "Cancel", save: "Save", apply: "Apply", undo: "Undo", why: "Reason (for the audit)", failed: "Not done: {told}", none: "—", of: "{a} of {b}" },
  nav: { label: "Pages", board: "Shift board", owed: "Missed and owed" },
  day: { title: "Today hour by hour", expected: "expected", came: "calls", answered: "answered" },
  notice: {
    title: "Hot-topic notice", none: "No notice", text: "One line of Chinese, on air within twenty seconds", hours: "Valid for", for_hours: "{n} h", on_air: "On air", speaking: "speaking…",
    put: "The notice is on air.", until: "until {at}", counted: "heard by {heard}, {satisfied} hung up content, {again} of them called again", silent: "not played at this level", withdraw: "Withdraw",
  },
  owed: {
    title: "Missed calls and call-backs", states: { open: "Open", closed: "Closed" }, all: "All grounds", ground: "Ground", made: "Since", due: "Next dial / ending", attempts: "Attempts",
    tries: "Dialed", ticket: "Ticket", nothing: "Nothing is owed.", at_work: "at work", by_hand: "by hand only", close: "Close by hand", later: "Put off by {n} minutes",
    endings: { kept: "called back", answered: "answered", self_resolved: "helped himself", unreached: "not reached", expired: "expired", by_hand: "closed by hand" },
  },
  board: {
    waiting: "Waiting", longest: "Longest wait", estimate: "Expected wait", load: "Load", staffed: "Staffed seats", free: "Free seats", owed: "Calls owed",
    seats: "Seats", cloud: "Cloud seats", calls: "Calls now", queues: "Queues", parts: "System",
    nobody: "No calls", all_off: "nobody is logged in",
    since: "{time}", wish: "after the call: {what}",
    contact: "Contact", citizen: "Number", state: "State", queue: "Queue", seat: "Seat", time: "Time",
    level: "Surge level", levels: ["normal", "watch", "high", "overload"], declared: "declared", automatic: "automatic",
    proposal: "Proposed: switch to “{level}”", switch_to: "Switch to “{level}”", hand_back: "Back to automatic", undo_switch: "Undo the last switch",
    grounds: { missed: "missed", accepted: "promised", message: "message" },
    seat_states: { off: "off", ready: "ready", ringing: "ringing", dialing: "calling back", talking: "talking", wrap_up: "wrap-up", on_break: "break", unreachable: "unreachable" },
    call_states: { arrived: "arriving", waiting: "waiting", ringing: "ringing", talking: "talking", talked: "talked", leaving: "leaving", ended: "ended" },
    part_states: { up: "up", degraded: "degraded", down: "down" },
    reasons: { wrap_up: "after-call work", rang_out: "did not answer", rest: "rest", callback: "call-back", break: "break" },
    wishes: { login: "log in", ready: "ready", break: "break", logout: "log out" },
  },
  errors: {
    wrong_credentials: "wrong account or password", too_many_tries: "too many tries, please wait", weak_password: "the new password is too easy to guess",
    unreachable: "the server does not answer", forbidden: "your role does not allow this", no_reason: "please give a reason", nothing_to_undo: "there is no switch to undo", not_signed_in: "please sign in",
  },
};
