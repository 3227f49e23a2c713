<?cs # A list of records. The page defines actions(), intro(), and nothing() for when there are none. ?><?cs
set:Title = Module.Label ?><?cs set:Anchor = "q" ?><?cs

def:record_goes_on(row) ?><?cs if:row.Next ?><a href="<?cs var:row.Next ?>"><?cs if:row.State == "signing" ?>去签署<?cs else ?>继续办理<?cs /if ?></a><?cs elif:row.Proof && row.State == "done" ?><a href="/matters/<?cs var:row.Number ?>/document"><?cs if:Module.Name == "cancel" ?>下载注销证明文件<?cs else ?>下载离沪证明<?cs /if ?></a><?cs /if ?><?cs /def ?><?cs

def:content() ?><?cs call:error_summary() ?><div class="head"><h1><?cs var:Module.Label ?></h1><div class="actions"><?cs call:actions() ?></div></div>
<?cs call:intro() ?><form class="search" action="/<?cs var:Module.Name ?>/" role="search"><label for="q-name">姓名</label><input id="q-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" size="10" autocomplete="off"><label for="q-state">办理状态</label><select id="q-state" name="state"><option value="">全部<?cs each:choice = States ?><option value="<?cs var:choice.Name ?>"<?cs if:choice.Here ?> selected<?cs /if ?>><?cs var:choice.Label ?><?cs /each ?></select><span><label for="q-from">申请日期</label><input type="date" id="q-from" name="from" value="<?cs var:Field.from ?>"><label for="q-to">至</label><input type="date" id="q-to" name="to" value="<?cs var:Field.to ?>"></span><button class="button">查询</button><?cs if:Searched || Export ?><span class="aside"><?cs if:Searched ?><a href="/<?cs var:Module.Name ?>/">显示全部</a><?cs /if ?><?cs if:Export ?><a href="/<?cs var:Module.Name ?>/<?cs var:Export ?>">导出 CSV</a><?cs /if ?></span><?cs /if ?></form>
<?cs if:?Rows.0.Number ?><table class="list data"><caption><?cs if:Searched ?>查询结果<?cs else ?>本企业的办理记录<?cs /if ?></caption>
<thead><tr><th scope="col">事项编号<th scope="col">姓名<th scope="col">办理事项<th scope="col">证书<th scope="col">申请时间<th scope="col">办理状态<th scope="col">操作
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/matters/<?cs var:row.Number ?>"><?cs var:row.Number ?></a><td data-as="姓名"><?cs var:row.Name ?><td data-as="办理事项"><?cs var:row.Item ?><td data-as="证书"><?cs if:row.Items > #0 ?><?cs var:row.Items ?> 本<?cs /if ?><td data-as="申请时间"><?cs var:row.Opened ?><td data-as="办理状态"><?cs call:progress(row) ?><td><?cs call:record_goes_on(row) ?>
<?cs /each ?></table>
<?cs elif:!?Errors.0.text ?><p class="empty"><?cs if:First ?>没有更多的记录了。<?cs elif:Searched ?>没有查询到符合条件的记录。请核对姓名、办理状态和申请日期，或<a href="/<?cs var:Module.Name ?>/">显示全部</a>。<?cs else ?><?cs call:nothing() ?><?cs /if ?></p>
<?cs /if ?><?cs call:pages(First, Next) ?>
<?cs /def ?>