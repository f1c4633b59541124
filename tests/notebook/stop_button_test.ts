import { freshSignal, StopButton, stopButton } from "lib/notebook/stop_button.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";

const REFUSAL = "Cannot start a run: expected a second to pass after Stop, got the next cell of " +
  "Run All; run this cell again to go on";

/** A button with a clock that is set by hand. */
function createButton() {
  const clock = { ms: 0 };
  return { clock, button: new StopButton(() => clock.ms) };
}

Deno.test("StopButton aborts the run under way, and says why", () => {
  const { button } = createButton();
  const signal = button.freshSignal();
  assertFalse(signal.aborted);
  button.press();
  assert(signal.aborted);
  assertEquals(String(signal.reason), "AbortError: Stopped by the Stop button");
});

Deno.test("StopButton refuses a run that starts right after Stop, and lets a later one start", () => {
  const { button, clock } = createButton();
  button.freshSignal();
  button.press();
  clock.ms = 999;
  const error = assertThrows(() => button.freshSignal(), DOMException, REFUSAL);
  assertEquals(error.name, "InvalidStateError");
  clock.ms = 1000;
  assertFalse(button.freshSignal().aborted);
});

Deno.test("StopButton counts the second from the end of the stopped cell", () => {
  const { button, clock } = createButton();
  button.freshSignal();
  button.press();
  clock.ms = 5000; // the step under way took that long
  button.endCell();
  clock.ms = 5999;
  assertThrows(() => button.freshSignal(), DOMException, REFUSAL);
  clock.ms = 6000;
  button.endCell(); // a cell in between changes nothing
  assertFalse(button.freshSignal().aborted);
});

Deno.test("StopButton pressed while nothing runs stops no later run", () => {
  const { button, clock } = createButton();
  button.press();
  clock.ms = 2000;
  const signal = button.freshSignal();
  button.endCell();
  assertFalse(signal.aborted);
});

Deno.test("freshSignal() is aborted by this notebook's button", () => {
  const signal = freshSignal();
  stopButton().press();
  assert(signal.aborted);
  assertThrows(freshSignal, DOMException, REFUSAL);
});
