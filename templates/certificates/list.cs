<?cs include:"macros.cs" ?><?cs if:Shown ?><?cs set:Title = Shown + " - " + Module.Label ?><?cs else ?><?cs set:Title = Module.Label ?><?cs /if ?><?cs def:content() ?><?cs call:error_summary() ?><h1>三类人员电子证书查询</h1>
<form class="search" action="/certificates/" role="search"><label for="f-name">姓名</label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" size="10"><label for="f-number">证书编号</label><input id="f-number" name="number" value="<?cs var:Field.number ?>" maxlength="40" size="24" placeholder="完整编号"><button class="button">查询</button><?cs if:Searched || Shown ?><a href="/certificates/">显示全部</a><?cs /if ?></form>
<?cs if:Shown ?><h2><?cs var:Shown ?></h2>
<?cs /if ?><?cs if:?Rows.0.Id ?><table class="list certs"><caption><?cs if:Searched ?>查询结果<?cs elif:Shown ?><?cs var:Shown ?><?cs else ?>本企业的全部电子证书<?cs /if ?></caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">有效期至<th scope="col">证书状态<th scope="col">生成状态<th scope="col">操作
<tbody>
<?cs each:row = Rows ?><tr><th scope=row><a href="/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td><?cs var:row.Name ?><td><?cs var:row.Class ?><td><?cs var:row.Until ?><td><?cs call:state(row) ?><td><?cs var:row.Document ?><td><?cs if:row.Ready ?><a href="/certificates/<?cs var:row.Id ?>/document">查看并下载</a><?cs /if ?>
<?cs /each ?></table>
<?cs elif:!?Errors.0.text ?><p class="empty"><?cs if:Searched ?>没有查询到符合条件的电子证书。请核对姓名，或输入完整的证书编号。<?cs elif:First ?>没有更多的电子证书了。<?cs elif:Shown ?>目前没有<?cs var:Shown ?>。<?cs else ?>本企业还没有电子证书。持有纸质证书的，请先办理<a href="/exchange/">纸质证书换领电子证书</a>。<?cs /if ?></p>
<?cs /if ?><?cs call:pages(First, Next) ?>
<?cs /def ?><?cs include:"layout.cs" ?>
