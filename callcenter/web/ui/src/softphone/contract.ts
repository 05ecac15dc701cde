// What the server tells a browser that is a seat's telephone, and what it is asked for.
import { api, got, type Models } from "../api/client";

export type Phone = Models["PhoneView"];
export type LineCheck = Models["LineCheckView"];

const at = (seat_id: string) => ({ params: { path: { seat_id } } });

/** How the own seat telephones. Raises Refused. */
export function askPhone(seatId: string): Promise<Phone> {
  return got(api.GET("/api/v1/seats/{seat_id}/phone", at(seatId)));
}

/** Let the own phone ring and measure its line. Raises Refused. */
export function checkLine(seatId: string): Promise<LineCheck> {
  return got(api.POST("/api/v1/seats/{seat_id}/line-check", at(seatId)));
}

/** Have a colleague or a department join the talk. Raises Refused. */
export function askThird(seatId: string, third: string): Promise<Models["ConferenceAnswer"]> {
  return got(api.POST("/api/v1/seats/{seat_id}/conference", { ...at(seatId), body: { with: third } }));
}
