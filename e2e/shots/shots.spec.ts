// The pictures of docs/img, of the company that make demo makes. What is unread stays so in the first picture of a room alone.
import { test } from "@playwright/test";
import { broken } from "../house/broken.ts";
import { Demo } from "../house/demo.ts";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";

const settled = 700; // ms: transitions, presence, lazily loaded parts

test("pictures", async () => {
  const demo = await Demo.start();
  const mira = await Person.arrive("Mira", demo, { height: 860, zone: demo.zone });
  const jonas = await Person.arrive("Jonas", demo, { zone: demo.zone });
  const { page } = mira;
  const shoot = async (name: string) => {
    await page.waitForTimeout(settled);
    await page.screenshot({ path: `../docs/img/${name}.png` });
  };
  const size = (width: number, height: number) => page.setViewportSize({ width, height });
  const picker = () => page.locator("form.composer").getByRole("button", { name: "Emoji" }).click();
  const away = () => page.mouse.move(1, 1);

  try {
    await page.goto(`${demo.url}/signin`);
    await page.getByLabel("E-mail").fill("mira@acme.example");
    await page.getByLabel("Password").fill("wrong one, sorry");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await shoot("signin");

    await mira.signIn("mira@acme.example", demo);
    await jonas.signIn("jonas@acme.example", demo);
    await jonas.goes("general");
    await mira.goes("general");
    await mira.sees("projector keys").waitFor();
    await jonas.box.pressSequentially("O");
    await mira.sees("Lunch at 12:15").last().hover();
    await shoot("room");
    await jonas.box.pressSequentially("n");
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot("room-dark");
    await page.emulateMedia({ colorScheme: "light" });

    await page.getByRole("link", { name: /^Inbox/ }).click();
    await page.getByRole("article").first().waitFor();
    await away();
    await shoot("inbox");
    await mira.goes("general");

    await mira
      .sees("Version 2.1 is live")
      .last()
      .getByRole("button", { name: /5 replies/ })
      .click();
    await away();
    await shoot("thread");
    await page.getByRole("button", { name: "Close the thread" }).click();

    const showing = (text: string) =>
      mira
        .sees(text)
        .last()
        .evaluate((e) => e.scrollIntoView({ block: "center" }));
    await showing("Where do we eat on Friday");
    await shoot("poll");
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await shoot("files");
    await page.keyboard.press("Escape");

    await picker();
    await page.getByLabel("Search emoji").fill("party");
    await shoot("picker-search");
    await page.getByLabel("Search emoji").fill("");
    await away();
    await shoot("picker");
    await page.keyboard.press("Escape");

    await mira.goes("engineering");
    await mira.sees("Darker looks like a hole").waitFor();
    await away();
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot("engineering-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await mira.goes("東京");
    await mira.sees("楽しみにしています").waitFor();
    await away();
    await shoot("tokyo");

    await page.getByRole("button", { name: "Add a room" }).click();
    await page.getByRole("button", { name: "Make a new room" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("hackday");
    await page.getByRole("button", { name: "Make the room" }).click();
    await page.getByRole("heading", { name: "hackday" }).first().waitFor();
    await away();
    await shoot("room-empty");

    await mira.goes("general");
    await size(360, 740);
    await away();
    await shoot("phone-room");
    await picker();
    await shoot("phone-picker");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Back to the rooms" }).click();
    await shoot("phone-rooms");

    await size(1280, 860);
    await mira.goes("general");
    await away();
    mira.network.cut();
    await mira.says("On my way");
    await page.waitForTimeout(6000); // offline is said after 5 s
    await shoot("offline");
    mira.network.mend();
  } finally {
    await mira.leave();
    await jonas.leave();
    await demo.stop();
  }
});

test("pictures of alerts, and of the page Health", async () => {
  const demo = await Demo.start();
  const fresh = await Server.start();
  const mira = await Person.arrive("Mira", demo, { height: 860, zone: demo.zone });
  const { page } = mira;
  const main = page.getByRole("main");
  const shoot = async (name: string) => {
    await page.mouse.move(1, 1);
    await page.waitForTimeout(settled);
    await page.screenshot({ path: `../docs/img/${name}.png` });
  };
  const open = async (url: string) => {
    await page.goto(`${url}/ops`);
    await main.locator("canvas").first().waitFor();
  };
  try {
    await mira.signIn("mira@acme.example", demo);
    await mira.goes("alerts");
    await mira.sees("Disk of build-2").first().waitFor();
    await mira
      .sees("Exports take longer")
      .first()
      .evaluate((e) => e.scrollIntoView({ block: "center" }));
    await shoot("alerts");
    await mira.goes("general");
    const general = new URL(page.url()).pathname.split("/")[2]!;
    await open(demo.url);
    await main.getByText("available, last").waitFor();
    await main.getByRole("button", { name: "24 h" }).click();
    await shoot("ops");
    await page.setViewportSize({ width: 360, height: 740 });
    await shoot("phone-ops");
    await page.setViewportSize({ width: 1280, height: 860 });
    await broken(demo.data, async () => {
      for (let n = 0; n < 2; n++) await page.request.get(`${demo.url}/api/v1/rooms/${general}/messages`);
    });
    await main.getByRole("region", { name: "Alarm: Server errors" }).waitFor({ timeout: 60_000 });
    await main.getByRole("button", { name: "1 h", exact: true }).click();
    await shoot("ops-alarm");
  } finally {
    await mira.leave();
    await demo.stop();
  }
  const ada = await Person.arrive("Ada", fresh, { height: 860 });
  try {
    await ada.setUp(fresh.setupLink);
    await ada.page.goto(`${fresh.url}/ops`);
    await ada.page.getByRole("main").locator("canvas").first().waitFor();
    await ada.page.waitForTimeout(settled);
    await ada.page.screenshot({ path: "../docs/img/ops-new.png" });
  } finally {
    await ada.leave();
    await fresh.stop();
  }
});
