<?cs include:"macros.cs" ?><?cs set:Title = Module.Label ?><?cs def:content() ?><?cs call:error_summary() ?><form action="/exchange/check">
<div class="head"><h1>纸质证书换领电子证书</h1><?cs if:?Rows.0.Id ?><button class="button">换领电子证书</button><?cs /if ?></div>
<p class="lead">本企业有效期内、尚未换领的纸质证书。勾选后点击“换领电子证书”，可一次换领多本。</p>
<?cs if:?Rows.0.Id ?><table id="f-paper" class="list papers"><caption>待换领的纸质证书</caption>
<thead><tr><th scope="col" data-all>选择<th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">有效期至<th scope="col">身份信息<th scope="col">操作
<tbody>
<?cs each:row = Rows ?><tr><td><input type="checkbox" name="paper" value="<?cs var:row.Id ?>" aria-label="<?cs var:row.Name ?>"><th scope=row><?cs var:row.Number ?><td><?cs var:row.Name ?><td><?cs var:row.Class ?><td><?cs var:row.Until ?><td><?cs if:row.NoPhoto ?><b class="s s02">未采集</b><?cs else ?>已采集<?cs /if ?><td><a href="/exchange/check?paper=<?cs var:row.Id ?>">换领电子证书</a>
<?cs /each ?></table>
<?cs else ?><p class="empty"><?cs if:?Errors.0.text ?><a href="/exchange/">返回列表</a><?cs elif:Later ?>没有更多的纸质证书了。<?cs else ?>没有待换领的纸质证书。已换领的证书请在<a href="/certificates/">三类人员电子证书查询</a>中查看。<?cs /if ?></p>
<?cs /if ?></form>
<?cs if:Later ?><?cs set:First = "/exchange/" ?><?cs /if ?><?cs call:pages(First, Next) ?>
<?cs /def ?><?cs include:"layout.cs" ?>
