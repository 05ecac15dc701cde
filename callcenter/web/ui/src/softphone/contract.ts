// What the server tells a browser that is a seat's telephone.
import { api, got, type Models } from "../api/client";

/** How a seat telephones. ``ha1`` stands for the password: MD5(user:realm:password). */
export interface Phone {
  kind: "browser" | "sip";
  url: string | null;
  uri: string | null;
  user: string | null;
  realm: string | null;
  ha1: string | null;
  is_registered: boolean;
}

/** A measured echo test of the own phone. */
export interface LineFigures {
  loss_share: number | null;
  jitter_ms: number | null;
  delay_ms: number | null;
  is_good: boolean;
}

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** How the own seat telephones. Raises Refused. */
export function askPhone(seatId: string): Promise<Phone> {
  return got(api.GET("/api/v1/seats/{seat_id}/phone" as never, { params: { path: { seat_id: seatId } } } as never) as Answer<Phone>);
}

/** Let the own phone ring and measure its line. Raises Refused. */
export function checkLine(seatId: string): Promise<LineFigures> {
  return got(api.POST("/api/v1/seats/{seat_id}/line-check" as never, { params: { path: { seat_id: seatId } } } as never) as Answer<LineFigures>);
}

/** Have a colleague or a department join the talk. Raises Refused. */
export function askThird(seatId: string, third: string): Promise<Models["ConferenceAnswer"]> {
  const params = { path: { seat_id: seatId } };
  return got(api.POST("/api/v1/seats/{seat_id}/conference", { params, body: { with: third } }));
}
