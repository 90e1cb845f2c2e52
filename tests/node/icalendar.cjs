// Reads iCalendar messages (a JSON list of texts, in a file) as Mozilla's ical.js does, and prints what it understands of
// each: once as it came, once after it was written and read again.
const { readFileSync } = require("node:fs");
const module_ = require("ical.js");
const ICAL = module_.default ?? module_;

function understood(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  // By the message's own zone and nothing else.
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const events = calendar.getAllSubcomponents("vevent").map(each => new ICAL.Event(each));
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: events.map(each => ({
      uid: each.uid,
      sequence: each.sequence,
      summary: each.summary,
      description: each.description,
      organizer: each.organizer,
      attendees: each.attendees.map(one => one.getFirstValue()),
      status: each.component.getFirstPropertyValue("status"),
      starts: each.startDate.toUnixTime(),
      ends: each.endDate.toUnixTime(),
      wall: each.startDate.toString(),
      zone: each.startDate.zone.tzid,
      alarms: each.component.getAllSubcomponents("valarm").map(one => one.getFirstPropertyValue("trigger").toString()),
    })),
  };
}

const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(texts.map(text => {
  const again = new ICAL.Component(ICAL.parse(text)).toString();
  return { once: understood(text), again: understood(again) };
})));
