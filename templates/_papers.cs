<?cs # Scans that forms of the window bring along, and lists of records of proposals. ?><?cs

def:papers_fields() ?><?cs each:one = Papers ?><div class="facts stack"><?cs
if:one.Ticked ?><fieldset><legend><?cs var:one.Label ?><?cs if:!one.Required ?>（如有）<?cs /if ?><?cs call:wrong("seen_" + one.Kind) ?></legend><label class="pick"><input type="checkbox" id="f-seen_<?cs var:one.Kind ?>" name="seen_<?cs var:one.Kind ?>" value="1"<?cs if:one.Seen ?> checked<?cs /if ?>>已核对原件</label></fieldset>
<?cs /if ?><label for="f-file_<?cs var:one.Kind ?>"><?cs if:one.Ticked ?>扫描件<?cs else ?><?cs var:one.Label ?>的扫描件（如有）<?cs /if ?>（JPG 或 PDF，5 MB 以内）<?cs call:wrong("file_" + one.Kind) ?></label><?cs
if:one.Id ?><input type="hidden" name="kept_<?cs var:one.Kind ?>" value="<?cs var:one.Id ?>"><p class="quiet">已收到扫描件：<?cs var:one.Name ?>（<?cs var:one.Pages ?> 页）。重新选择文件可以替换。</p><?cs /if ?><input type="file" id="f-file_<?cs var:one.Kind ?>" name="file_<?cs var:one.Kind ?>" accept="image/jpeg,application/pdf"></div>
<?cs /each ?><?cs /def ?><?cs

def:papers_hidden() ?><?cs each:one = Papers ?><?cs if:one.Id ?><input type="hidden" name="kept_<?cs var:one.Kind ?>" value="<?cs var:one.Id ?>"><?cs if:one.Seen ?><input type="hidden" name="seen_<?cs var:one.Kind ?>" value="1"><?cs /if ?><?cs /if ?><?cs /each ?><?cs /def ?><?cs

def:papers_kept() ?><table class="list data"><caption>材料</caption>
<thead><tr><th scope="col">材料<th scope="col">扫描件<th scope="col">原件
<tbody>
<?cs each:one = Papers ?><tr><th scope="row" class="wrap"><?cs var:one.Label ?><td data-as="扫描件"><?cs if:one.Id ?><?cs var:one.Name ?>（<?cs var:one.Pages ?> 页）<?cs else ?>（无）<?cs /if ?><td data-as="原件"><?cs if:one.Seen ?>已核对<?cs else ?>—<?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:papers_person() ?><section class="sheet"><h2><?cs var:Person.Name ?></h2>
<?cs if:Person.Photo ?><img src="/staff/people/<?cs var:Person.Id ?>/photos/<?cs var:Person.Photo ?>" alt="<?cs var:Person.Name ?>使用中的照片" width="75" height="105">
<?cs /if ?><dl><?cs call:fact(Person.IdType, Person.IdNumber) ?><?cs call:fact("性别", Person.Sex) ?><?cs call:fact("出生日期", Person.Birth) ?></dl></section>
<?cs /def ?><?cs

def:papers_records(caption) ?><form class="search" action="/<?cs var:Module.Name ?>/" role="search"><label for="f-name">姓名</label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" size="10" autocomplete="off"><label for="f-state">状态</label><select id="f-state" name="state"><option value="">全部<?cs each:choice = States ?><option value="<?cs var:choice.Name ?>"<?cs if:choice.Here ?> selected<?cs /if ?>><?cs var:choice.Label ?><?cs /each ?></select><span><label for="f-number">事项编号</label><input id="f-number" name="number" value="<?cs var:Field.number ?>" maxlength="31" size="22" autocomplete="off"></span><button class="button">查询</button><?cs if:Searched ?><a href="/<?cs var:Module.Name ?>/">显示全部</a><?cs /if ?></form>
<?cs if:?Rows.0.Number ?><table class="list data"><caption><?cs if:Searched ?>查询结果<?cs else ?><?cs var:caption ?><?cs /if ?></caption>
<thead><tr><th scope="col">事项编号<th scope="col">姓名<th scope="col">种类<th scope="col">提请<th scope="col">决定期限<th scope="col">状态
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/proposals/<?cs var:row.Number ?>"><?cs var:row.Number ?></a><td data-as="姓名"><?cs var:row.Subject ?><td data-as="种类"><?cs var:row.Kind ?><td data-as="提请"><?cs var:row.Proposer ?><br><?cs var:row.Proposed ?><td data-as="决定期限"><?cs var:row.Deadline ?><?cs if:row.Overdue ?><b class="wrong">已超过期限</b><?cs /if ?><td data-as="状态"><?cs call:progress(row) ?><?cs if:row.Decided ?><br><?cs var:row.Decider ?> <?cs var:row.Decided ?><?cs /if ?>
<?cs /each ?></table>
<?cs elif:!?Errors.0.text ?><p class="empty"><?cs if:First ?>没有更多的记录了。<?cs elif:Searched ?>没有查询到符合条件的记录。请核对姓名和状态，或<a href="/<?cs var:Module.Name ?>/">显示全部</a>。<?cs else ?>还没有办理记录。<?cs /if ?></p>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs /def ?>